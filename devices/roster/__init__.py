"""Shifts, who is on, and so how many ready cameras each shift needs.

Times of day are the department's; every shift has its two instants, right across the days on
which clocks change.
"""
