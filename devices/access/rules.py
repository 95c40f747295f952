"""Which roles exclude each other, and which devices may have a token. Pure."""

from collections.abc import Collection

from devices.roles import Role

# An auditor checks what these do; an administrator must not give cameras to himself.
_WRITERS = frozenset({Role.QUARTERMASTER, Role.IT, Role.COMMANDER, Role.ADMINISTRATOR})
_APART = (
    (Role.ADMINISTRATOR, frozenset({Role.QUARTERMASTER, Role.COMMANDER})),
    (Role.AUDITOR, _WRITERS),
)


def roles_kept_apart(roles: Collection[Role]) -> list[str]:
    """Every reason why these roles may not be held by one person."""
    return [
        f"{one.value} and {other.value} are not held by one person."
        for one, others in _APART
        for other in sorted(others & set(roles), key=lambda role: role.value)
        if one in roles
    ]


def camera_token_refused(name: str, *, radio: bool, retired: bool) -> str | None:
    """Why this camera may not have a token of its own, or None."""
    if retired:
        return f"{name} is retired."
    if not radio:
        return f"{name} has no radio: the dock it sits in speaks for it."
    return None
