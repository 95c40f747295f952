"""Whether a normal week, 21 shift changes, calls for anybody or calls ready what is not."""

import json
from collections.abc import Iterator

from tests.bench import inside
from tests.bench.lines import Line, at_most
from tests.bench.stage import Stage, database


def figures(stage: Stage) -> Iterator[Line]:
    """140 cameras for ``--days``, their board looked at each second: four to five hours.

    ``--days 3.5`` beside ``--first 3.5 --days 3.5`` live the week on two cores.
    """
    with database("fleet_bench_week") as url:
        told = json.loads(
            inside.said("weekly", str(stage.asked.days), str(stage.asked.first), url=url)
        )
    what = (
        f"{told['changes']} changes, {told['docked']:,} docked, {told['undocked']:,} undocked,"
        f" {told['reports']:,} reports, {told['refused']} refused, in {told['took_s']:.0f} s"
    )
    yield at_most("alerts in a normal week", len(told["alerts"]), 0, "", more=what)
    yield from (Line("… one of them", "", words, False) for words in told["alerts"])
    scans = ", ".join(f"{number} {what}" for what, number in told["desks"].items())
    yield Line("what desks answered", "", scans)
    judged = (
        f"{told['glances']:,} glances at the board; {told['looks']:,} looks at the shifts too,"
        f" {told['judged']:,} judgements, {told['ready']:,} ready"
    )
    yield from _minutes("false-ready minutes", told["false_ready"], judged)
    minutes, names = told["fell_short"]
    yield Line("minutes short of what it left with, of cameras nobody hears", "", f"{minutes:g}")
    yield from (Line("… one of them", "", words) for words in names)
    yield from _minutes("minutes in a wrong place on the board", told["misplaced"])
    yield Line("minutes unknown though ready", "", f"{told['false_unknown'][0]:g}")


def _minutes(what: str, found: tuple[float, list[str]], more: str = "") -> Iterator[Line]:
    minutes, names = found
    yield at_most(what, minutes, 0, "min", more=more)
    yield from (Line("… one of them", "", words, False) for words in names)
