"""Programs that call the API, for its tests."""

import re
from collections.abc import Iterable
from typing import Any
from uuid import uuid4

from django.contrib.auth.models import User
from django.core.cache import cache
from django.test import Client
from django.utils import timezone

from dashboard.api.authentication import COUNTED
from devices.access import tokens
from devices.access.models import ApiToken
from devices.access.scopes import Scope
from devices.access.tokens import TokenKind

PROBLEM = "application/problem+json"


def token_of(user: User, scopes: Iterable[Scope] = Scope, **fields: Any) -> str:
    """A new personal token, as its owner saw it."""
    minted = tokens.mint(TokenKind.API)
    ApiToken.objects.create(
        user=user,
        label="a program",
        scopes=[*scopes],
        key_id=minted.key_id,
        digest=minted.digest,
        **{"made_at": timezone.now(), **fields},
    )
    return minted.plaintext


def program(token: str, **headers: Any) -> Client:
    """A client that sends this token with every request."""
    return Client(headers={"Authorization": f"Bearer {token}", **headers})


def browser(user: User) -> Client:
    """A person who is signed in."""
    client = Client()
    client.force_login(user)
    return client


def send(client: Client, where: str, said: Any = None, key: str | None = None) -> Any:
    """Ask for an act once: with this key, or one that is new."""
    headers = {"Idempotency-Key": key or str(uuid4())}
    told = {} if said is None else said
    return client.post(where, told, content_type="application/json", headers=headers)


def refused(answer: Any, status: int) -> str:
    """The sentence of a problem, which says this status."""
    assert (answer.status_code, answer["Content-Type"]) == (status, PROBLEM), answer.content
    return str(answer.json()["detail"])


def badges_in(answer: Any) -> set[str]:
    """What the texts of an answer say in four digits, as badge numbers are; ids are no texts."""
    match answer:
        case str():
            return set(re.findall(r"(?<![\w-])\d{4}(?![\w-])", answer))
        case dict():
            return badges_in([*answer.values()])
        case list():
            return set().union(*map(badges_in, answer))
    return set()


def forget_wrong_tokens() -> None:
    cache.delete_many([f"{COUNTED}:{address}" for address in ("127.0.0.1", "")])


def results(client: Client, address: str) -> list[dict[str, Any]]:
    """Every row of a list, through all its pages."""
    found: list[dict[str, Any]] = []
    following: str | None = address
    while following:
        page = client.get(following).json()
        found += page["results"]
        following = page["next"]
    return found
