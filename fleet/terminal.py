"""The few lines a person sees while the fleet runs; the rest is in the logs."""

import sys
from contextlib import suppress
from datetime import datetime


def say(sentence: str) -> None:
    """A terminal that has gone away is no reason to end."""
    with suppress(OSError, ValueError):
        print(sentence, flush=True)  # noqa: T201


def tell(sentence: str) -> None:
    """With the time before it: something happened while nobody was looking."""
    say(f"{datetime.now().astimezone():%H:%M:%S}  {sentence}")


def colourful(words: str) -> str:
    return f"\033[1m{words}\033[0m" if sys.stdout.isatty() else words
