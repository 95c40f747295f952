"""What is asked while one group is answered goes into the next, and every asker is told."""

import asyncio
import threading

import pytest

from devices.gateway import gathering
from devices.gateway.gathering import Gathering, Overloaded


class Slow:
    """Answers a group when it is let, and remembers the groups."""

    def __init__(self):
        self.groups = []
        self.let = threading.Event()
        self.begun = threading.Event()

    def __call__(self, questions):
        self.groups.append([*questions])
        self.begun.set()
        assert self.let.wait(10)
        if "bad" in questions:
            raise ValueError("a bad question")
        return [question.upper() for question in questions]


@pytest.fixture
def slow():
    return Slow()


async def asked(gathering, slow, first, *rest):
    """One question is being answered when the rest are asked."""
    tasks = [asyncio.create_task(gathering.ask(first))]
    assert await asyncio.to_thread(slow.begun.wait, 10)
    tasks += [asyncio.create_task(gathering.ask(one)) for one in rest]
    await asyncio.sleep(0)
    slow.let.set()
    return await asyncio.gather(*tasks, return_exceptions=True)


async def test_what_is_asked_meanwhile_is_answered_together(slow):
    answers = await asked(Gathering("t", slow, threads=1, most=10), slow, "a", "b", "c")

    assert answers == ["A", "B", "C"]
    assert slow.groups == [["a"], ["b", "c"]]


async def test_a_group_is_no_larger_than_allowed(slow):
    weighed = Gathering("t", slow, threads=1, most=4, weight=len)

    await asked(weighed, slow, "a", "bb", "cc", "dd")

    assert slow.groups == [["a"], ["bb", "cc"], ["dd"]]


async def test_two_threads_answer_two_groups_at_once(slow):
    both = Gathering("t", slow, threads=2, most=10)
    first = asyncio.create_task(both.ask("a"))
    assert await asyncio.to_thread(slow.begun.wait, 10)
    slow.begun.clear()

    second = asyncio.create_task(both.ask("b"))

    assert await asyncio.to_thread(slow.begun.wait, 10)  # although the first is not answered
    slow.let.set()
    assert await asyncio.gather(first, second) == ["A", "B"]


async def test_a_group_that_fails_tells_its_askers_and_the_next_is_answered(slow):
    alone = Gathering("t", slow, threads=1, most=1)

    failed, answered = await asked(alone, slow, "bad", "b")

    assert isinstance(failed, ValueError)
    assert answered == "B"


async def test_past_the_most_that_may_wait_askers_are_told_to_come_back(slow, monkeypatch):
    monkeypatch.setattr(gathering, "MOST_WAITING", 2)

    *kept, turned_away = await asked(
        Gathering("t", slow, threads=1, most=1), slow, "a", "b", "c", "d"
    )

    assert kept == ["A", "B", "C"]
    assert isinstance(turned_away, Overloaded)
