"""The people's pages, a module for each. Every view stands behind a door (dashboard/doors.py)."""
