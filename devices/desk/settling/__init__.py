"""Settling what a desk told while it was cut off and the record denies: by a person, in words."""
