"""How a person wants the pages to look, kept in two cookies so that the first paint is right."""

from dataclasses import dataclass

from django.http import HttpRequest, HttpResponse

THEMES = {"system": "As the system", "light": "Light", "dark": "Dark"}
DENSITIES = {"compact": "Compact", "comfortable": "Comfortable"}
A_YEAR_S = 365 * 24 * 3600


@dataclass(frozen=True)
class Look:
    """What the two cookies say; anything unknown is the default."""

    theme: str = "system"
    density: str = "compact"


def look_of(request: HttpRequest | None) -> Look:
    cookies = {} if request is None else request.COOKIES
    theme, density = cookies.get("theme", ""), cookies.get("density", "")
    return Look(
        theme=theme if theme in THEMES else "system",
        density=density if density in DENSITIES else "compact",
    )


def remember(response: HttpResponse, *, theme: str | None, density: str | None) -> None:
    """Set the cookies that were chosen; page script may set the same ones."""
    if theme in THEMES:
        response.set_cookie("theme", theme, max_age=A_YEAR_S, samesite="Lax")
    if density in DENSITIES:
        response.set_cookie("density", density, max_age=A_YEAR_S, samesite="Lax")
