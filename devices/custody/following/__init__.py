"""Custody that follows what happens elsewhere: whose a camera becomes by import, and docking.

Nobody has scanned anything; the record says so (by import, by docking).
"""
