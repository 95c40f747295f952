"""Screens on walls: each has a link that pairs it once, and then reads the wallboard alone."""
