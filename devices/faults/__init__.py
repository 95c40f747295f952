"""Pre-shift tests, malfunction reports, and repair: records that hold up in court.

What was measured is frozen with each record; nothing is edited, a later record says more.
"""
