"""What every template may use: icons, places, the look, and times with their age."""

from datetime import datetime, timedelta
from typing import Any

from django import template
from django.conf import settings
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.timezone import localtime

from dashboard import icons, looks, navigation, rollout_words
from devices.access.people import reach_of
from devices.faults import rules
from devices.roles import Act

register = template.Library()

register.simple_tag(icons.icon, name="icon")
register.simple_tag(icons.sprite, name="sprite")


@register.simple_tag(takes_context=True)
def places(context: dict[str, Any]) -> list[navigation.Place]:
    """Where the person who asked may go."""
    request = context.get("request")
    user = getattr(request, "user", None)
    return navigation.places_for(user) if user is not None else []


register.simple_tag(navigation.bar, name="bar")


@register.simple_tag(takes_context=True)
def rings(context: dict[str, Any]) -> bool:
    """Whether alerts concern this person. What the bell says comes by its socket, so that a page
    costs no query for it.
    """
    user = getattr(context.get("request"), "user", None)
    return user is not None and reach_of(user, Act.VIEW_READINESS) is not None


@register.simple_tag(takes_context=True)
def sought(context: dict[str, Any]) -> str:
    """What "Go to" finds for this person."""
    user = getattr(context.get("request"), "user", None)
    badges = user is not None and reach_of(user, Act.VIEW_OFFICERS) is not None
    return "Page, camera, serial or badge number" if badges else "Page, camera or serial number"


@register.filter
def of(numbers: dict[str, int], name: str) -> int:
    """One of several numbers by its name; none is 0."""
    return numbers.get(name, 0)


@register.filter
def signed(number: int) -> str:
    """A number with its sign, 0 without one; the minus is as wide as the plus."""
    return f"{number:+d}".replace("-", "\u2212") if number else "0"


@register.filter
def lasts(span: timedelta) -> str:
    """A span in its largest whole unit: 30 min, 2 h, 7 days."""
    minutes = span.total_seconds() / 60
    for unit, size in (("days", 1440), ("h", 60)):
        if minutes >= size and minutes % size == 0:
            return f"{minutes / size:g} {'day' if minutes == 1440 else unit}"
    return f"{minutes:g} min" if minutes else "at once"


@register.simple_tag(takes_context=True)
def look(context: dict[str, Any]) -> looks.Look:
    """The theme and density the person chose."""
    return looks.look_of(context.get("request"))


@register.simple_tag
def department() -> str:
    """Whose fleet this is."""
    return str(settings.DEPARTMENT)


@register.simple_tag
def theme_choices() -> dict[str, str]:
    return looks.THEMES


@register.simple_tag
def density_choices() -> dict[str, str]:
    return looks.DENSITIES


@register.filter
def age(value: datetime | None) -> SafeString | str:
    """A moment as an age the browser counts; the exact time on hover, and without script."""
    return _time(value, "age", "%d %b %H:%M")


@register.filter
def short_age(value: datetime | None) -> SafeString | str:
    """The same where there is little room: 3h."""
    return _time(value, "age short", "%H:%M")


@register.filter
def moment(value: datetime | None) -> SafeString | str:
    """A moment in the department's time, exact on hover."""
    return _time(value, "moment", "%d %b %H:%M")


@register.filter
def left(value: datetime | None) -> SafeString | str:
    """A deadline as the time that is left, counted by the browser; without script, when it is."""
    return _time(value, "left", "%d %b %H:%M")


@register.filter
def turn_words(turn: str) -> str:
    """What a camera's turn in a rollout is called."""
    return rollout_words.words_of(turn)


@register.filter
def turn_group(turn: str) -> rollout_words.Group:
    """The group of turns that it is counted in, with its icon."""
    return rollout_words.group_of(turn)


@register.filter
def fault_words(code: str) -> str:
    """What a fault code says, for people."""
    return rules.code_of(code).words


def _time(value: datetime | None, classes: str, shown: str) -> SafeString | str:
    if value is None:
        return "never"
    said = localtime(value)
    return format_html(
        '<time class="{}" datetime="{}" title="{}">{}</time>',
        classes,
        value.isoformat(timespec="seconds"),
        said.strftime("%Y-%m-%d %H:%M:%S %Z"),
        said.strftime(shown),
    )
