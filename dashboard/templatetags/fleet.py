"""What every template may use: icons, places, the look, and times with their age."""

from datetime import datetime
from typing import Any

from django import template
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.timezone import localtime

from dashboard import icons, looks, navigation

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
def theme_choices() -> dict[str, str]:
    return looks.THEMES


@register.simple_tag
def density_choices() -> dict[str, str]:
    return looks.DENSITIES


@register.filter
def age(moment: datetime | None) -> SafeString | str:
    """A moment as an age the browser counts; the absolute time is its title and its fallback."""
    if moment is None:
        return "never"
    said = localtime(moment)
    return format_html(
        '<time class="age" datetime="{}" title="{}">{}</time>',
        moment.isoformat(timespec="seconds"),
        said.strftime("%Y-%m-%d %H:%M:%S %Z"),
        said.strftime("%d %b %H:%M"),
    )


@register.filter
def moment(value: datetime | None) -> SafeString | str:
    """A moment in the department's time, exact on hover."""
    if value is None:
        return "never"
    said = localtime(value)
    return format_html(
        '<time datetime="{}" title="{}">{}</time>',
        value.isoformat(timespec="seconds"),
        said.strftime("%Y-%m-%d %H:%M:%S %Z"),
        said.strftime("%d %b %H:%M"),
    )
