import re

import pytest

from devices.access.tokens import TokenKind, matches, mint, parse

GOOD = "d.k3q7x2ab." + "a" * 32


@pytest.mark.parametrize("kind", list(TokenKind))
def test_a_minted_token_says_what_it_is_and_matches_its_digest(kind):
    minted = mint(kind)

    claimed = parse(minted.plaintext)

    assert claimed is not None
    assert (claimed.kind, claimed.key_id) == (kind, minted.key_id)
    assert matches(minted.plaintext, minted.digest)


def test_a_token_holds_160_random_bits_and_no_two_are_alike():
    tokens = {mint(TokenKind.DOCK).plaintext for _ in range(100)}

    assert len(tokens) == 100
    assert all(re.fullmatch(r"d\.[a-z2-7]{8}\.[a-z2-7]{32}", token) for token in tokens)


def test_what_is_stored_does_not_hold_the_secret():
    minted = mint(TokenKind.DOCK)

    secret = minted.plaintext.rsplit(".", 1)[1]

    assert secret not in minted.digest
    assert secret not in repr(minted)


def test_another_secret_under_the_same_key_does_not_match():
    minted = mint(TokenKind.DOCK)
    forged = minted.plaintext[:-1] + ("a" if minted.plaintext[-1] != "a" else "b")

    assert not matches(forged, minted.digest)


@pytest.mark.parametrize(
    "junk",
    [
        "",
        "d",
        "d..",
        GOOD[:-1],
        GOOD + "a",
        GOOD.upper(),
        GOOD.replace("d.", "x."),
        GOOD.replace(".", "-"),
        GOOD[:-1] + "1",
        GOOD[:-1] + "\n",
        GOOD[:-1] + "\x00",
        GOOD[:-1] + "\ud800",
        GOOD[:-1] + "а",  # noqa: RUF001  (Cyrillic)
        "d." * 1_000_000,
    ],
)
def test_what_never_was_a_token_is_refused_without_a_look_up(junk):
    assert parse(junk) is None


def test_even_a_lone_surrogate_only_fails_to_match():
    assert not matches("\ud800", mint(TokenKind.API).digest)
