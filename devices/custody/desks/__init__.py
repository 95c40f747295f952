"""Desks and kiosks: where cameras are given out, and what their scanners send."""
