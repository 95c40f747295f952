"""Cameras kept for an event or a court day, whatever the shifts: to readiness, promises."""
