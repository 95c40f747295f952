"""Bringing the inventory in from CSV files: read, judged, shown, and then all of it or none.

`plan` says what a file would do, row by row; `apply` judges it again in the transaction that
writes it. The two use the same judgement, so what was shown is what happens.
"""

from devices.inventory.imports.actions import apply, plan
from devices.inventory.imports.judging import Added, Changed, Plan
from devices.inventory.imports.reading import RowError
from devices.inventory.imports.sheets import ACT_OF, Kind

__all__ = ["ACT_OF", "Added", "Changed", "Kind", "Plan", "RowError", "apply", "plan"]
