"""Shifts for the weeks ahead, and the people whom their rotations put on them."""
