"""Group work: whatever is asked while one group is answered goes into the next.

A thread or two answer, so no timer is needed: an idle process answers a lone question at
once, a busy one gathers hundreds and answers them together.
"""

import asyncio
from collections import deque
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Generic, TypeVar

from asgiref.sync import SyncToAsync

MOST_WAITING = 2000  # questions; past it askers are told to come back

Asked = TypeVar("Asked")
Told = TypeVar("Told")


class Overloaded(Exception):
    """More is waiting than can be answered soon. Nothing was kept; the asker comes back."""


class Gathering(Generic[Asked, Told]):
    """Questions answered in groups of about ``most``, by threads of their own.

    ``answer`` is given a group and returns as many answers, in order; what it raises, every
    asker of that group is told. ``weight`` is what a question counts for in its group.
    """

    def __init__(
        self,
        name: str,
        answer: Callable[[Sequence[Asked]], Sequence[Told]],
        *,
        threads: int,
        most: int,
        weight: Callable[[Asked], int] = lambda _: 1,
    ) -> None:
        self._waiting: deque[tuple[Asked, asyncio.Future[Told]]] = deque()
        self._answering: list[asyncio.Task[None]] = []
        self._answer = SyncToAsync(
            answer, thread_sensitive=False, executor=ThreadPoolExecutor(threads, name)
        )
        self._most, self._weight, self._threads = most, weight, threads

    async def ask(self, question: Asked) -> Told:
        """The answer to this question, when its whole group has been answered."""
        if len(self._waiting) >= MOST_WAITING:
            raise Overloaded
        answer: asyncio.Future[Told] = asyncio.get_running_loop().create_future()
        self._waiting.append((question, answer))
        self._answering = [task for task in self._answering if not task.done()]
        if len(self._answering) < self._threads:
            self._answering.append(asyncio.create_task(self._answer_all()))
        return await answer

    async def _answer_all(self) -> None:
        while self._waiting:
            questions, askers = self._next_group()
            try:
                answers = await self._answer(questions)
            except Exception as error:
                for asker in askers:
                    if not asker.done():
                        asker.set_exception(error)
            else:
                for asker, answer in zip(askers, answers, strict=True):
                    if not asker.done():  # who asked may have left; it was answered all the same
                        asker.set_result(answer)

    def _next_group(self) -> tuple[list[Asked], list[asyncio.Future[Told]]]:
        questions, askers, weight = [], [], 0
        while self._waiting and weight < self._most:
            question, asker = self._waiting.popleft()
            questions.append(question)
            askers.append(asker)
            weight += self._weight(question)
        return questions, askers
