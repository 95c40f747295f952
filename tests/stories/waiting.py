"""Letting things go on beside a story, and waiting for what they bring about."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine
from contextlib import asynccontextmanager
from inspect import isawaitable

from tests.patience import PATIENCE_S

LOOK_EVERY_S = 0.05

Claim = Callable[[], object | Awaitable[object]]


async def until(claim: Claim, told: Callable[[], object] = lambda: "in vain") -> None:
    """Wait for something to become so; out of patience fail with what is ``told``."""
    try:
        async with asyncio.timeout(PATIENCE_S):
            while not await _holds(claim):
                await asyncio.sleep(LOOK_EVERY_S)
    except TimeoutError:
        raise AssertionError(f"waited {PATIENCE_S:.0f} s: {told()}") from None


async def _holds(claim: Claim) -> object:
    found = claim()
    return await found if isawaitable(found) else found


@asynccontextmanager
async def going_on(life: Coroutine[None, None, None]) -> AsyncIterator[None]:
    """``life`` goes on until the block ends; should one of the two fail, so does the other."""
    try:
        async with asyncio.TaskGroup() as group:
            task = group.create_task(life)
            yield
            task.cancel()
    except BaseExceptionGroup as failed:
        raise failed.exceptions[0] from None
