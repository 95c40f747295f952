"""Ten thousand days of stations with a rollout and without: nobody lacks a camera because of it."""

import os
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from datetime import timedelta

from tests.bench.lines import Line, at_most
from tests.bench.stage import Stage
from tests.rollouts.stations import DAYS, STATIONS, Lived, lived, to_all

TOWNS = 715  # of two stations and seven days each


def figures(_: Stage) -> Iterator[Line]:
    """Each town is lived once more as if nobody counted who is needed: by that the days are hard
    enough for the goal to say something."""
    with ProcessPoolExecutor(os.cpu_count()) as pool:
        weeks: list[Lived] = list(pool.map(lived, range(TOWNS), chunksize=20))
        uncounted = list(pool.map(lived, range(TOWNS), [to_all] * TOWNS, chunksize=20))
    days = f"{TOWNS * STATIONS * DAYS:,} days of stations"
    short = sum(one.short_because for one in weeks)
    yield at_most(f"minutes short because of a rollout, {days}", short, 0, "min")
    hard = sum(one.short_because for one in uncounted)
    yield Line("… if nobody counted who is needed", "", f"{hard:,} min")
    anyway, killed = sum(one.short_anyway for one in weeks), sum(one.killed for one in weeks)
    told = f"{anyway:,} min; {killed}"
    yield Line("… without any rollout; cameras that an update killed", "", told)
    ends = [one.done_after or timedelta.max for one in weeks]
    yield at_most("the longest rollout of those", max(ends) / timedelta(days=1), DAYS, "days")
    waits = sum(not one.finished for one in weeks)
    yield Line("… whose last wait goes on into the eighth day", "", f"{waits} of {TOWNS}")
