"""Counts: somebody goes round a station and scans every camera that is there.

What should be there is frozen at the start, what was scanned is kept once a camera, and what a
count found is never changed after it was closed.
"""
