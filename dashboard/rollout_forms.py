"""What people fill in to bring a release to cameras: which, in what waves, and what stops it."""

import re
from collections.abc import Iterable, Mapping
from datetime import timedelta
from typing import Any

from django import forms
from django.core.validators import ProhibitNullCharactersValidator
from django.db.models import F, Func

from devices.inventory import codes
from devices.inventory.models import Camera, CameraModel, Officer, Station
from devices.inventory.tags import written
from devices.releases.models import Release, ReleaseState
from devices.rollouts.drafts import (
    LONGEST_NAME,
    LONGEST_SOAK,
    MOST_AT_ONCE,
    MOST_CAMERAS,
    MOST_MBIT,
    Caps,
    Draft,
    Step,
    refusals,
    too_slow,
)
from devices.rollouts.rules import Terms

LONGEST_LIST = 20_000  # characters of a list of cameras: some 2,500 numbers
LONGEST_TEXT = 1_000
_NUMBER = re.compile(r"C?([0-9]{1,9})", re.ASCII)
_STEP = re.compile(r"([0-9]{1,7}) ?(%?)", re.ASCII)
_WINDOW = re.compile(r"(\d\d:\d\d) ?(?:-|to) ?(\d\d:\d\d)", re.ASCII)
_ALL = ("all", "the rest")
_PLAIN = [ProhibitNullCharactersValidator()]
_LIST = re.compile(r"[,;\n]")
_ANY_GAP = re.compile(r"[\s,;]+")


def _text(label: str, **fields: Any) -> forms.CharField:
    told = {"max_length": LONGEST_TEXT, "required": False, "validators": _PLAIN, **fields}
    return forms.CharField(label=label, **told)


def _number(label: str, lowest: int, highest: int, unit: str = "") -> forms.IntegerField:
    says = f"{label} is a whole number from {lowest} to {highest}."
    errors = ("required", "invalid", "min_value", "max_value")
    return forms.IntegerField(
        label=f"{label} ({unit})" if unit else label,
        min_value=lowest,
        max_value=highest,
        error_messages=dict.fromkeys(errors, says),
    )


def _several(label: str, table: Any) -> Any:
    return forms.ModelMultipleChoiceField(
        queryset=table.objects.all(),
        label=label,
        required=False,
        widget=forms.CheckboxSelectMultiple,
        error_messages={"invalid_choice": "It is not there any more.", "invalid_pk_value": "?"},
    )


class WantedRollout(forms.Form):
    """A rollout as somebody wants it; `draft` is what it says."""

    release = forms.ModelChoiceField(
        queryset=Release.objects.none(),
        label="Release",
        error_messages={
            "required": "Choose a release.",
            "invalid_choice": "There is no such release that is approved.",
        },
    )
    name = forms.CharField(
        max_length=LONGEST_NAME,
        label="What to call it",
        required=False,  # then it is called by its release
        validators=_PLAIN,
    )
    models = _several("Models", CameraModel)
    stations = _several("Stations", Station)
    versions = _text("That run one of these versions")
    units = _text("Of officers of these units")
    tags = _text("With one of these tags")
    cameras = _text(
        "Or only these cameras",
        max_length=LONGEST_LIST,
        widget=forms.Textarea(attrs={"rows": 2, "spellcheck": "false", "class": "mono"}),
    )
    waves = _text("Waves", required=True, error_messages={"required": "Say at least: all."})
    windows = _text("Windows of the day")
    soak_hours = forms.DecimalField(
        label="Soak after each wave (hours)",
        min_value=0,
        max_value=LONGEST_SOAK // timedelta(hours=1),
        decimal_places=2,
        error_messages=dict.fromkeys(
            ("required", "invalid", "min_value", "max_value", "max_decimal_places"),
            "The soak is a number of hours from 0 to 720, such as 24 or 0.5.",
        ),
    )
    success_percent = _number("Share of a wave that must succeed", 1, 100, "%")
    most_failures = _number("Failures that are allowed", 0, MOST_CAMERAS)
    most_failures_percent = _number("Share that may fail", 0, 100, "%")
    most_per_dock = _number("At once in a dock", 1, MOST_AT_ONCE)
    most_per_station = _number("At once at a station", 1, MOST_AT_ONCE)
    most_at_once = _number("At once in all", 1, MOST_AT_ONCE)
    most_mbit_each = _number("Speed of each download", 1, MOST_MBIT, "Mbit/s")

    def __init__(self, *args: Any, release: Release | None = None, **kwargs: Any) -> None:
        """``release`` is fixed: a draft that exists stays one of its release."""
        super().__init__(*args, **{"label_suffix": "", **kwargs})
        rows = Release.objects.filter(state=ReleaseState.APPROVED).order_by("-approved_at")
        field = self.fields["release"]
        assert isinstance(field, forms.ModelChoiceField)
        field.queryset = Release.objects.filter(pk=release.pk) if release else rows
        if release:
            self.fields["versions"].label = f"That run one of these {release.kind} versions"

    def clean_waves(self) -> list[Step]:
        return [_step(one) for one in _parts(self.cleaned_data["waves"])]

    def clean_windows(self) -> list[list[str]]:
        return [_window(one) for one in _parts(self.cleaned_data["windows"])]

    def clean_versions(self) -> list[str]:
        return _parts(self.cleaned_data["versions"])

    def clean_units(self) -> list[str]:
        return _parts(self.cleaned_data["units"])

    def clean_tags(self) -> list[str]:
        return written(self.cleaned_data["tags"])

    def clean_cameras(self) -> list[int]:
        """Their ids, by the numbers that were written; with every number that is nobody's."""
        written = [one for one in _ANY_GAP.split(self.cleaned_data["cameras"]) if one]
        numbers = {one: _NUMBER.fullmatch(one.upper()) for one in written}
        if wrong := [one for one, found in numbers.items() if found is None]:
            raise forms.ValidationError(f"Write numbers such as C0417, not {wrong[0][:20]!r}.")
        asked = {int(found[1]) for found in numbers.values() if found}
        known = dict(Camera.objects.filter(number__in=asked).values_list("number", "pk"))
        if missing := sorted(asked - known.keys()):
            raise forms.ValidationError(f"There is no camera {_names(missing)}.")
        return sorted(known.values())

    def clean(self) -> dict[str, Any]:
        said = self.cleaned_data
        if not self.errors:
            said["name"] = said["name"] or str(said["release"])[:LONGEST_NAME]
            slow = too_slow(said["release"].size, self.draft.caps)
            for wrong in (*refusals(self.draft), *slow):
                self.add_error(None, wrong)
        return said

    @property
    def draft(self) -> Draft:
        """What was filled in, once it is valid."""
        said = self.cleaned_data
        wanted = {
            "models": [one.pk for one in said["models"]],
            "stations": [one.pk for one in said["stations"]],
            **{name: said[name] for name in ("versions", "units", "tags", "cameras")},
        }
        return Draft(
            said["name"],
            wanted,
            said["waves"],
            said["windows"],
            Terms(
                said["success_percent"],
                timedelta(hours=float(said["soak_hours"])),
                said["most_failures"],
                said["most_failures_percent"],
            ),
            Caps(**{name: said[name] for name in Caps.__dataclass_fields__}),
        )


def usual(release: Release | None, asked: Mapping[str, str]) -> dict[str, Any]:
    """A form with good defaults, for the release that was chosen; ``asked`` narrows the filter."""
    return {
        **filled(Draft("")),
        "release": release,
        "versions": asked.get("versions", "")[:LONGEST_TEXT],
        "tags": asked.get("tags", "")[:LONGEST_TEXT],
        "cameras": asked.get("cameras", "")[:LONGEST_LIST],
    }


def filled(draft: Draft) -> dict[str, Any]:
    """The fields as this draft would have filled them."""
    whole, terms, caps = draft.whole, draft.terms, draft.caps
    numbers = Camera.objects.filter(pk__in=whole["cameras"]).values_list("number", flat=True)
    return {
        "name": draft.name,
        "models": whole["models"],
        "stations": whole["stations"],
        "versions": ", ".join(whole["versions"]),
        "units": ", ".join(whole["units"]),
        "tags": ", ".join(whole["tags"]),
        "cameras": ", ".join(map(codes.name, sorted(numbers))) if whole["cameras"] else "",
        "waves": ", ".join(_said(step) for step in draft.steps),
        "windows": ", ".join(f"{begins} to {ends}" for begins, ends in draft.windows),
        "soak_hours": f"{terms.soak / timedelta(hours=1):g}",
        "success_percent": terms.success_percent,
        "most_failures": terms.most_failures,
        "most_failures_percent": terms.most_failures_percent,
        "most_per_dock": caps.most_per_dock,
        "most_per_station": caps.most_per_station,
        "most_at_once": caps.most_at_once,
        "most_mbit_each": caps.most_mbit_each,
    }


def units_known(most: int = 20) -> list[str]:
    """Units that officers are of, as a hint."""
    rows = Officer.objects.exclude(unit="").order_by("unit").values_list("unit", flat=True)
    return list(rows.distinct()[:most])


def tags_known(most: int = 20) -> list[str]:
    """Tags that cameras have, as a hint."""
    rows = Camera.objects.annotate(tag=Func(F("tags"), function="unnest")).order_by("tag")
    return list(rows.values_list("tag", flat=True).distinct()[:most])


def _said(step: Step) -> str:
    return "all" if step.percent == 100 else str(step)


def _parts(text: str) -> list[str]:
    return _unique(" ".join(one.split()) for one in _LIST.split(text))


def _unique(several: Iterable[str]) -> list[str]:
    return [one for one in dict.fromkeys(several) if one]


def _step(text: str) -> Step:
    if text.lower() in _ALL:
        return Step(percent=100)
    found = _STEP.fullmatch(text)
    if found is None:
        raise forms.ValidationError(
            f"A wave is a number of cameras, a share, or all: 2, 10 %, all. Not {text[:20]!r}."
        )
    return Step(percent=int(found[1])) if found[2] else Step(count=int(found[1]))


def _window(text: str) -> list[str]:
    found = _WINDOW.fullmatch(text)
    if found is None:
        raise forms.ValidationError(
            f"A window is two times of the day: 22:00 to 05:00. Not {text[:20]!r}."
        )
    return [found[1], found[2]]


def _names(numbers: list[int]) -> str:
    said = ", ".join(map(codes.name, numbers[:5]))
    return f"{said} and {len(numbers) - 5} more" if len(numbers) > 5 else said
