"""Closing a shift at a desk: nothing waits, nothing is unsettled, and what it came to is kept."""
