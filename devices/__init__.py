"""Cameras, docks and everything the fleet knows of them. Each folder is a room."""
