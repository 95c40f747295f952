"""What every template may use: icons, places, the look, and times with their age."""

from datetime import datetime
from typing import Any

from django import template
from django.conf import settings
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.timezone import localtime

from dashboard import icons, looks, navigation
from devices.faults import rules

register = template.Library()

register.simple_tag(icons.icon, name="icon")
register.simple_tag(icons.sprite, name="sprite")


@register.simple_tag(takes_context=True)
def places(context: dict[str, Any]) -> list[navigation.Place]:
    """Where the person who asked may go."""
    request = context.get("request")
    user = getattr(request, "user", None)
    return navigation.places_for(user) if user is not None else []


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
