"""Bringing a release to many cameras: in waves, never short, stopped by its own failures.

The database is the truth: a sweep tallies rows and does the next step, and may run twice, late or
in two workers. A camera counts only when, after its boot, it says itself that it runs the release.
"""
