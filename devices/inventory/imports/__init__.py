"""Bringing the inventory in from CSV files: read, judged, shown, and then all of it or none.

`plan` says what a file would do, row by row; `apply` judges it again in the transaction that
writes it. The two use the same judgement, so what was shown is what happens. A room above that
imports rows of its own says what its files are as an `Import`; the rest is done here.
"""

from devices.inventory.imports.actions import IMPORTS, apply, plan
from devices.inventory.imports.importing import Erroneous, Import, NotReadable
from devices.inventory.imports.judging import Added, Changed, Plan
from devices.inventory.imports.sheet import RowError
from devices.inventory.imports.sheets import ACT_OF, Kind

__all__ = [
    "ACT_OF",
    "IMPORTS",
    "Added",
    "Changed",
    "Erroneous",
    "Import",
    "Kind",
    "NotReadable",
    "Plan",
    "RowError",
    "apply",
    "plan",
]
