"""What a device profile sets: each setting with its bounds, usual value and reason. Pure."""

import hashlib
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from devices.errors import Refused
from devices.releases.plainly import plain_object

LONGEST = 16 * 1024  # characters of a profile as JSON

Value = int | bool | str
Chosen = Mapping[str, Value]


@dataclass(frozen=True)
class Setting:
    """One setting. ``unit`` is empty of what is yes or no, ``among`` of what is a number."""

    name: str
    label: str
    usual: Value
    why: str
    unit: str = ""
    lowest: int = 0
    highest: int = 0
    among: tuple[str, ...] = ()

    @property
    def yes_or_no(self) -> bool:
        return isinstance(self.usual, bool)

    def wrong(self, value: object) -> str | None:
        """The sentence why this is no value of it, or None."""
        if self.yes_or_no:
            return None if isinstance(value, bool) else f"{self.label} is yes or no."
        if self.among:
            known = isinstance(value, str) and value in self.among
            return None if known else f"{self.label} is one of {', '.join(self.among)}."
        whole = isinstance(value, int) and not isinstance(value, bool)
        if whole and self.lowest <= value <= self.highest:  # type: ignore[operator]
            return None
        between = f"between {self.lowest} and {self.highest} {self.unit}"
        return f"{self.label} is a whole number {between}."

    def words(self, value: Value) -> str:
        """A value as people read it."""
        if isinstance(value, bool):
            return "yes" if value else "no"
        return f"{value} {self.unit}".rstrip()


@dataclass(frozen=True)
class Change:
    """One setting before and after, in words."""

    label: str
    before: str
    after: str


SETTINGS = (
    Setting(
        "pre_event_s",
        "Pre-event buffer",
        30,
        "Kept from before the button was pressed; more of it uses more battery.",
        unit="s",
        highest=120,
    ),
    Setting(
        "recording_hold_s",
        "Recording goes on after a trigger for",
        30,
        "The light bar's signal lasts 30 s.",
        unit="s",
        highest=300,
    ),
    Setting(
        "maximum_clip_min",
        "Longest clip",
        240,
        "Longer recordings are cut into clips; four hours are the most a camera makes.",
        unit="min",
        lowest=5,
        highest=240,
    ),
    Setting(
        "resolution",
        "Resolution",
        "1080p",
        "More lines are more storage and a longer off-load.",
        among=("480p", "720p", "1080p", "1440p"),
    ),
    Setting(
        "bit_rate_kbit_s",
        "Bit rate",
        4000,
        "4000 kbit/s are 1.8 GB for each hour recorded.",
        unit="kbit/s",
        lowest=500,
        highest=20_000,
    ),
    Setting(
        "light_bar_trigger",
        "A light bar starts it",
        True,
        "Off, a camera stays dark when a cruiser's lights come on.",
    ),
    Setting(
        "sleep_allowed",
        "The officer may put it to sleep",
        False,
        "A sleeping camera does not hear the light bar.",
    ),
    Setting(
        "mute_allowed",
        "The officer may mute it",
        False,
        "What is muted is lost; where the law asks for consent it may be needed.",
    ),
    Setting("led", "Its light shows that it records", True, "Who is filmed can see it."),
    Setting("vibration", "It vibrates when recording begins", True, "Felt without looking."),
    Setting(
        "volume_percent",
        "Volume of its sounds",
        50,
        "0 is silent, for work that must not be heard.",
        unit="%",
        highest=100,
    ),
    Setting(
        "offload_mbit_s",
        "Off-load at most",
        25,
        "So that a dock of eight leaves room on the line.",
        unit="Mbit/s",
        lowest=1,
        highest=1000,
    ),
)
_BY_NAME = {one.name: one for one in SETTINGS}
USUAL: Chosen = {one.name: one.usual for one in SETTINGS}


def wrongs(chosen: Mapping[str, object]) -> Iterator[tuple[str, str]]:
    """Every setting that is missing, unknown or out of bounds: its name and the sentence why."""
    for name in sorted(chosen.keys() - _BY_NAME.keys()):
        yield name, f"There is no setting {name[:40]!r}."
    for one in SETTINGS:
        if one.name not in chosen:
            yield one.name, f"{one.label} ({one.name}) is missing."
        elif wrong := one.wrong(chosen[one.name]):
            yield one.name, wrong


def refuse_wrong(chosen: Mapping[str, object]) -> None:
    """Refuses settings that are not whole, with every reason."""
    if said := " ".join(sentence for _, sentence in wrongs(chosen)):
        raise Refused(said)


def read(text: str) -> dict[str, Any]:
    """A profile that somebody wrote as JSON; refuses what is no object said once."""
    return plain_object(text, longest=LONGEST)


def canonical(chosen: Chosen) -> bytes:
    """The settings to the byte, as a camera is sent them: JSON in UTF-8, sorted, no spaces."""
    return json.dumps(dict(chosen), sort_keys=True, separators=(",", ":")).encode()


def digest(chosen: Chosen) -> str:
    """SHA-256 of that, in hexadecimal."""
    return hashlib.sha256(canonical(chosen)).hexdigest()


def pretty(chosen: Chosen) -> str:
    """The settings as somebody edits them: in the table's order, a line each."""
    return json.dumps({one.name: chosen.get(one.name, one.usual) for one in SETTINGS}, indent=2)


def diff(before: Chosen, after: Chosen) -> list[Change]:
    """What differs, in words and in the table's order."""
    return [
        Change(one.label, _words(one, before), _words(one, after))
        for one in SETTINGS
        if before.get(one.name) != after.get(one.name)
    ]


def defeats(chosen: Chosen) -> list[str]:
    """Why cameras with this profile may miss a light bar, a sentence each; none is good."""
    found = []
    if chosen.get("light_bar_trigger") is not True:
        found.append("Light bars do not start these cameras.")
    if chosen.get("sleep_allowed") is not False:
        found.append("Officers may put these cameras to sleep; a sleeping one hears no light bar.")
    return found


def _words(one: Setting, chosen: Chosen) -> str:
    return one.words(chosen[one.name]) if one.name in chosen else "not set"
