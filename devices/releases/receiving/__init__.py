"""An upload on its way to being a release: into the store, hashed, read by a process of its own.

Nothing is offered before it verified, and nothing is kept of what did not.
"""
