"""The pages' icons: our name for each, Lucide's drawing of it, drawn once per page as a sprite.

A tile then carries 40 bytes (``<use href="#i-out">``) instead of a drawing.
"""

from functools import cache

from django.utils.safestring import SafeString, mark_safe
from lucide.templatetags.lucide import lucide

ICONS = {
    # buckets
    "docked": "circle-check",
    "charging": "battery-charging",
    "out": "arrow-up-right",
    "recording": "circle-dot",
    "unknown": "circle-question-mark",
    "repair": "wrench",
    "lost": "octagon-alert",
    # marks on a tile
    "fault": "triangle-alert",
    "waiting": "cloud-upload",
    "clock": "clock-alert",
    "elsewhere": "move-right",
    "taken": "user-x",
    "loan": "arrow-left-right",
    "held": "lock",
    "recall": "package-x",
    # places
    "shift": "clipboard-check",
    "desk": "scan-barcode",
    "kiosk": "tablet",
    "count": "list-checks",
    "board": "layout-grid",
    "wall": "panels-top-left",
    "cameras": "table-2",
    "camera": "video",
    "import": "file-up",
    "docks": "dock",
    "batteries": "battery-medium",
    "roster": "calendar-days",
    "reserve": "calendar-clock",
    "tokens": "key-round",
    "api": "braces",
    "alerts": "bell",
    "officers": "id-card",
    "station": "building-2",
    "screen": "monitor",
    "trends": "chart-column",
    "vehicle": "car",
    "label": "tag",
    "release": "package-check",
    "profile": "sliders-vertical",
    "certificate": "badge-check",
    "waits": "hourglass",
    "rollout": "chevrons-right",
    "pause": "pause",
    "start": "play",
    "aside": "circle-pause",
    # acts and notices
    "search": "search",
    "locate": "locate",
    "keys": "keyboard",
    "person": "circle-user-round",
    "sign-out": "log-out",
    "settings": "sliders-horizontal",
    "download": "download",
    "columns": "columns-3",
    "filter": "list-filter",
    "close": "x",
    "next": "chevron-right",
    "previous": "chevron-left",
    "up": "chevron-up",
    "down": "chevron-down",
    "more": "ellipsis",
    "plus": "plus",
    "refused": "circle-x",
    "info": "info",
    "warning": "triangle-alert",
    "offline": "wifi-off",
    "history": "history",
    "print": "printer",
    "undo": "undo-2",
    "copy": "copy",
    # faults and tests
    "critical": "octagon-x",
    "major": "triangle-alert",
    "minor": "circle-alert",
    "test": "clipboard-check",
    "report": "megaphone",
    "check": "check",
    "back": "undo-2",
    "away": "truck",
    "scan": "scan-barcode",
    "external": "external-link",
}


def icon(name: str, label: str = "") -> SafeString:
    """A reference to the sprite; ``label`` only where no word stands beside it."""
    if name not in ICONS:
        raise KeyError(f"{name} is not in dashboard/icons.py")
    named = f'role="img" aria-label="{label}"' if label else 'aria-hidden="true"'
    return mark_safe(f'<svg class="icon" {named}><use href="#i-{name}"/></svg>')  # noqa: S308


@cache
def sprite() -> SafeString:
    """Every icon once, to stand hidden at the top of a page."""
    symbols = "".join(_symbol(ours, theirs) for ours, theirs in ICONS.items())
    return mark_safe(f'<svg class="sprite" aria-hidden="true">{symbols}</svg>')  # noqa: S308


def _symbol(ours: str, theirs: str) -> str:
    drawing = "".join(line.strip() for line in lucide(theirs).splitlines())
    inner = drawing[drawing.index(">") + 1 : drawing.rindex("</svg>")]
    return f'<symbol id="i-{ours}" viewBox="0 0 24 24">{inner}</symbol>'
