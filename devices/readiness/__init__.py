"""Fit to go out, and every reason why not; a shift's margin. No tables: it reads and judges."""
