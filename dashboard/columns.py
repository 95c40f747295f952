"""The columns of the cameras' table: what each is called, shows, sorts by, and tells a CSV."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.timezone import localtime

from dashboard.icons import icon
from dashboard.templatetags.fleet import age
from dashboard.tiles import WORDS
from devices.board.rules import Bucket
from devices.board.table import Order, Row
from devices.custody.models import CustodyKind
from devices.inventory import codes

Shown = str | SafeString
ICON_OF = {bucket.value: bucket.value for bucket in Bucket} | {"retired": "close"}


@dataclass(frozen=True)
class Column:
    """One column. ``told`` is its cell in a CSV, ``shown`` in the page where that differs."""

    key: str
    label: str
    told: Callable[[Row], Any]
    shown: Callable[[Row], Shown] | None = None
    order: Order | None = None
    number: bool = False
    mono: bool = False
    badges: bool = False

    def cell(self, row: Row) -> Shown:
        said = self.shown(row) if self.shown else self.told(row)
        return "" if said is None else said


def state_word(row: Row) -> str:
    if row.bucket == "retired":
        return "Retired"
    if row.service_state == "out_of_service":
        return "Out of service"
    return WORDS[Bucket(row.bucket)]


def _state(row: Row) -> SafeString:
    return format_html(
        '<span class="state {}">{}{}</span>',
        row.bucket,
        icon(ICON_OF[row.bucket]),
        state_word(row),
    )


def custody_words(row: Row) -> str:
    """How it is held now."""
    custody = row.custody
    if custody is None:
        away = row.docked is False and row.service_state == "in_service"
        return "Taken without check-out" if away and not row.assigned else ""
    own = f" for {codes.name(custody.loan_of)}" if custody.loan_of else ""
    return f"{KINDS[custody.kind]}{own}"


KINDS = {kind.value: kind.label for kind in CustodyKind}


def _battery(row: Row) -> Shown:
    if row.battery_percent is None:
        return "unknown"
    if row.bucket == Bucket.UNKNOWN or row.hearing == "silent":
        return format_html('<span class="stale">{} %</span>', row.battery_percent)
    return f"{row.battery_percent} %"


def _free(row: Row) -> Shown:
    return "" if row.storage_free_mb is None else f"{row.storage_free_mb / 1000:.1f} GB"


def _words(code: str) -> str:
    return code.replace("_", " ").capitalize()


COLUMNS: Mapping[str, Column] = {
    column.key: column
    for column in (
        Column("state", "State", state_word, _state),
        Column(
            "battery", "Battery", lambda row: row.battery_percent, _battery, Order.BATTERY,
            number=True,
        ),
        Column(
            "heard", "Heard", lambda row: _iso(row.heard_at), lambda row: age(row.heard_at),
            Order.HEARD,
        ),
        Column("place", "In bay", lambda row: row.place, mono=True),
        Column("home", "Home bay", lambda row: row.home, mono=True),
        Column("badge", "Badge", lambda row: row.worn_by, badges=True),
        Column("custody", "Custody", custody_words),
        Column("station", "Station", lambda row: row.station, order=Order.STATION),
        Column("model", "Model", lambda row: row.model, order=Order.MODEL),
        Column("serial", "Serial", lambda row: row.serial, order=Order.SERIAL, mono=True),
        Column("asset_tag", "Asset tag", lambda row: row.asset_tag, mono=True),
        Column(
            "firmware", "Firmware", lambda row: row.firmware, order=Order.FIRMWARE, mono=True
        ),
        Column("profile", "Profile", lambda row: row.profile, mono=True),
        Column("service", "Service state", lambda row: _words(row.service_state)),
        Column("note", "Service note", lambda row: row.service_note),
        Column("hearing", "Hearing", lambda row: _words(row.hearing)),
        Column("since", "Since", lambda row: _iso(row.since), lambda row: age(row.since)),
        Column(
            "free", "Storage free", lambda row: row.storage_free_mb, _free, number=True
        ),
        Column("clips", "Clips waiting", lambda row: row.clips_waiting, number=True),
        Column("wear", "Battery health", lambda row: row.battery_health_percent, number=True),
        Column("faults", "Faults", lambda row: row.faults.replace(" ", ", ").replace("_", " ")),
        Column("clock", "Clock", lambda row: "wrong" if row.clock_wrong else ""),
        Column("lot", "Lot", lambda row: row.lot, mono=True),
        Column("tags", "Tags", lambda row: " ".join(row.tags)),
        Column("supplier", "Supplier", lambda row: row.supplier),
        Column("installed", "Installed", lambda row: row.installed_on),
    )
}  # fmt: skip
USUAL = ("state", "battery", "heard", "place", "home", "badge", "station", "model", "firmware")


def chosen(keys: Iterable[str], *, badges: bool) -> list[Column]:
    """These columns in the table's own order; the usual ones if none is known."""
    wanted = [key for key in COLUMNS if key in set(keys)] or list(USUAL)
    return [COLUMNS[key] for key in wanted if badges or not COLUMNS[key].badges]


def _iso(moment: Any) -> str:
    return localtime(moment).isoformat(timespec="seconds") if moment else ""
