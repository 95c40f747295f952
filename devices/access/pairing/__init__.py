"""Browsers that are no person's: a link pairs one, once, and what it keeps opens its one page.

Wall screens and kiosks are both such; what differs is whose tokens they are.
"""
