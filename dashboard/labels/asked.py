"""What somebody wants printed, how, and what is remembered of that in their browser."""

import re
from collections.abc import Iterable, Iterator, Mapping
from decimal import Decimal
from typing import Any

from django import forms
from django.db.models import QuerySet
from django.http import HttpResponse

from dashboard.labels.layout import Codes, Label, check
from dashboard.labels.paper import Setting
from dashboard.labels.stock import STOCK
from dashboard.looks import A_YEAR_S
from devices.access.people import Visible, stations_of
from devices.desk.cards import CARDS
from devices.desk.scanner import TESTS
from devices.errors import Refused
from devices.inventory import codes
from devices.inventory.models import Bay, Camera, Dock, ServiceState

MOST = 1_000  # labels in one file: some three seconds of one process
COOKIE = "labels"
KEPT = ("stock", "codes", "right", "down")  # what belongs to a printer, not to one print
USUAL = {
    "what": "cameras",
    "stock": "L7160",
    "codes": "both",
    "used": "0",
    "right": "0",
    "down": "0",
}
FARTHEST_MM = 10
WHAT = {
    "cameras": "All cameras of a station",
    "list": "Some cameras",
    "bays": "Bays of docks",
    "cards": "Command cards and scanner tests",
}
ABOUT = {"cameras": {"station"}, "list": {"cameras"}, "bays": {"station", "dock"}, "cards": set()}
CODES = {
    Codes.BOTH: "Barcode and QR code",
    Codes.BARCODE: "Barcode alone",
    Codes.QR: "QR code alone",
}
_ONE = re.compile(r"C?(\d{1,9})([A-Z]?)")
_BETWEEN = re.compile(r"\s*(?:-|\u2013|\bto\b)\s*", re.IGNORECASE)


def _moved(label: str) -> forms.DecimalField:
    """How far everything is moved on the paper, in tenths of a millimetre."""
    said = f"{label}: a number from -{FARTHEST_MM} to {FARTHEST_MM}, with one decimal at most."
    errors = ("required", "invalid", "min_value", "max_value", "max_digits", "max_decimal_places")
    return forms.DecimalField(
        label=label,
        min_value=-FARTHEST_MM,
        max_value=FARTHEST_MM,
        max_digits=3,
        decimal_places=1,
        error_messages=dict.fromkeys((*errors, "max_whole_digits"), said),
    )


class Asked(forms.Form):
    """What is not said is as last time, or as usual."""

    what = forms.ChoiceField(
        choices=list(WHAT.items()),
        widget=forms.RadioSelect,
        label="Labels for",
        error_messages={"invalid_choice": "Choose what to print labels for."},
    )
    station = forms.ChoiceField(
        required=False,
        label="Station",
        error_messages={"invalid_choice": "Choose one of your stations."},
    )
    cameras = forms.CharField(
        required=False,
        max_length=4_000,
        label="Cameras",
        widget=forms.TextInput(
            attrs={"autocomplete": "off", "spellcheck": "false", "aria-describedby": "cameras-hint"}
        ),
        error_messages={"max_length": "The list is too long: write ranges, such as C0417-C0430."},
    )
    dock = forms.ChoiceField(
        required=False,
        label="Dock",
        error_messages={"invalid_choice": "Choose one of your stations' docks."},
    )
    stock = forms.ChoiceField(
        choices=[(one.key, one.name) for one in STOCK.values()],
        label="Printed on",
        error_messages={"invalid_choice": "Choose what the labels are printed on."},
    )
    codes = forms.ChoiceField(
        choices=[(one.value, words) for one, words in CODES.items()],
        label="Codes",
        error_messages={"invalid_choice": "Choose which codes the labels carry."},
    )
    used = forms.IntegerField(
        min_value=0,
        label="Labels used on the first sheet",
        error_messages=dict.fromkeys(
            ("required", "invalid", "min_value"),
            "Say how many labels of the first sheet are used: 0, or more.",
        ),
    )
    right = _moved("Move right, mm")
    down = _moved("Move down, mm")

    def __init__(self, asked: Mapping[str, str], *, reach: Visible, kept: str = "") -> None:
        super().__init__({**USUAL, **_kept(kept), **asked}, label_suffix="")
        self.reach = reach
        choices = {
            "station": [("", "Every station"), *stations_of(reach).values_list("code", "name")],
            "dock": [("", "Every dock"), *_docks(reach).values_list("code", "code")],
        }
        for name, offered in choices.items():
            field = self.fields[name]
            assert isinstance(field, forms.ChoiceField)
            field.choices = offered

    def clean_used(self) -> int:
        """A sheet that was begun has a label left."""
        used, stock = int(self.cleaned_data["used"]), STOCK.get(self.cleaned_data.get("stock", ""))
        if stock and not stock.roll and used >= stock.per_sheet:
            raise forms.ValidationError(
                f"A sheet of {stock.key} has {stock.per_sheet} labels: "
                f"say how many are used, from 0 to {stock.per_sheet - 1}."
            )
        return used

    def clean(self) -> None:
        """What is said wrongly about something else than what is asked does not matter."""
        stock = STOCK.get(self.cleaned_data.get("stock", ""))
        matters = {"what", "stock", "codes", "right", "down"}
        matters |= ABOUT.get(self.cleaned_data.get("what", ""), set())
        if stock is None or not stock.roll:
            matters.add("used")
        for name in self.fields.keys() - matters:
            self.errors.pop(name, None)

    @property
    def setting(self) -> Setting:
        """A roll has no sheet that was begun."""
        said = self.cleaned_data
        stock = STOCK[said["stock"]]
        return Setting(
            stock,
            Codes(said["codes"]),
            0 if stock.roll else said["used"],
            (float(said["right"]), float(said["down"])),
        )

    def labels(self) -> list[Label]:
        """What is to be printed, in order. Refused where it is nothing, too much or unreadable."""
        found = [*self._found()]
        if len(found) > MOST:
            raise Refused(f"That is more than {MOST} labels. Print them in several files.")
        check(found, self.setting.stock, self.setting.codes)
        return found

    def _found(self) -> Iterable[Label]:
        said = self.cleaned_data
        match said["what"]:
            case "cameras":
                return _of_station(self.reach, said["station"])
            case "list":
                return _listed(self.reach, said["cameras"])
            case "bays":
                return _of_bays(self.reach, said["station"], said["dock"])
        return _of_desks()

    def remember(self, response: HttpResponse) -> None:
        """Keep what belongs to the printer, in this browser."""
        kept = "~".join(str(self.cleaned_data[name]) for name in KEPT)
        response.set_cookie(COOKIE, kept, max_age=A_YEAR_S, samesite="Lax", httponly=True)


def _kept(cookie: str) -> dict[str, str]:
    """What the cookie says; nothing of it where anything in it is not as we write it."""
    said = dict(zip(KEPT, cookie.split("~"), strict=False))
    moved = (said.get("right", ""), said.get("down", ""))
    sound = (
        said.get("stock") in STOCK
        and said.get("codes") in {one.value for one in Codes}
        and all(re.fullmatch(r"-?\d{1,2}(\.\d)?", one, re.ASCII) for one in moved)
        and all(abs(Decimal(one)) <= FARTHEST_MM for one in moved)
    )
    return said if sound else {}


def _of_station(reach: Visible, station: str) -> list[Label]:
    rows = reach.cameras().exclude(service_state=ServiceState.RETIRED)
    if station:
        rows = rows.filter(station__code=station)
    found = _cameras(rows)
    if not found:
        raise Refused("There is no camera here to print a label for.")
    return found


def _listed(reach: Visible, words: str) -> list[Label]:
    """The cameras of a list such as "C0417-C0430, C0533", each once, in its order."""
    found: dict[str, Label] = {}
    for part in _parts(words):
        ends = [_number(end) for end in part]
        first, last = min(ends), max(ends)
        cameras = _cameras(reach.cameras().filter(number__gte=first, number__lte=last))
        if not cameras:
            named = codes.name(first)
            between = f"No camera of yours lies between {named} and {codes.name(last)}."
            raise Refused(between if first != last else f"No camera of yours is called {named}.")
        found.update({one.code: one for one in cameras})
    return [*found.values()]


def _parts(words: str) -> Iterator[list[str]]:
    """The list's members: one camera, or the two ends of a range."""
    parts = [part for part in re.split(r"[,;\s]+", _BETWEEN.sub("-", words.strip())) if part]
    if not parts:
        raise Refused("Write which cameras, such as C0417-C0430, C0533.")
    if len(parts) > MOST:
        raise Refused(f"That is more than {MOST} labels. Print them in several files.")
    for part in parts:
        ends = part.split("-")
        if len(ends) > 2 or not all(ends):
            raise Refused(f"{part} is no range: write two cameras, such as C0417-C0430.")
        yield ends


def _number(text: str) -> int:
    """The number of C0417, 417 or C0417A, whose check letter must be right."""
    said = text.upper()
    match = _ONE.fullmatch(said) if said.isascii() else None
    if match is None or int(match[1]) >= 2**31:
        raise Refused(f"{text[:20]} is no camera: write its number, such as C0417.")
    if match[2] and codes.number_on(said) is None:
        raise Refused(f"{text} is no label of a camera: its check letter is wrong.")
    return int(match[1])


def _of_desks() -> list[Label]:
    cards = [Label(one.title, one.code, one.does) for one in CARDS]
    return cards + [Label(one.title, one.code, one.does) for one in TESTS]


def _of_bays(reach: Visible, station: str, dock: str) -> list[Label]:
    docks = _docks(reach)
    if station:
        docks = docks.filter(station__code=station)
    if dock:
        docks = docks.filter(code=dock)
    rows = Bay.objects.filter(dock__in=docks).order_by("dock__code", "position")
    found = [
        Label(f"{code}-{position}", codes.label(pk, codes.BAY))
        for pk, code, position in rows.values_list("pk", "dock__code", "position")[: MOST + 1]
    ]
    if not found:
        raise Refused(f"Dock {dock} has no bay here." if dock else "No dock here has a bay.")
    return found


def _docks(reach: Visible) -> QuerySet[Dock]:
    docks: QuerySet[Any] = Dock.objects.at_stations(reach.stations)
    return docks.order_by("code")


def _cameras(rows: QuerySet[Camera]) -> list[Label]:
    numbers = rows.order_by("number").values_list("number", flat=True)[: MOST + 1]
    return [Label(codes.name(one), codes.label(one)) for one in numbers]
