"""`make bench`: every figure of docs/speed.md against its goal, in one table."""

import argparse
import os
import platform
import sys

from tests.bench.families import FAMILIES, LONG
from tests.bench.lines import table
from tests.bench.stage import Asked, Stage


def main() -> None:
    """Measure, print, and leave nothing behind."""
    names, asked = _asked()
    _say(f"{platform.machine()}, {os.cpu_count()} cores, {platform.platform()}")
    lines = []
    with Stage(asked) as stage:
        for name in names:
            for line in FAMILIES[name](stage):
                lines.append(line)
                _say(f"{line.what}: {line.figure}, goal {line.goal or 'none'} {line.verdict}")
    _say(f"\n{table(lines)}")


def _asked() -> tuple[list[str], Asked]:
    parser = argparse.ArgumentParser(prog="make bench", description=__doc__)
    parser.add_argument("names", nargs="*", metavar="family", help=" ".join(FAMILIES))
    parser.add_argument("--runs", type=int, default=5, help="of each ratio and its floor")
    parser.add_argument("--seconds", type=float, default=3.0, help="of one run under load")
    parser.add_argument("--history", type=int, default=2_000_000, help="rows behind 100,000")
    parser.add_argument("--rows", type=int, default=2_000_000, help="of intervals, for `past`")
    parser.add_argument("--days", type=float, default=7, help="of the normal week")
    parser.add_argument("--first", type=float, default=0, help="of them: 0 is Monday")
    parser.add_argument("--scans", type=int, default=100_000, help="of the races of desks")
    parser.add_argument("--minutes", type=float, default=0.0, help="that the drill is spread over")
    parser.add_argument("--first-run", action="store_true", help="also a fresh clone, with pip")
    given = vars(parser.parse_args())
    names = given.pop("names") or [one for one in FAMILIES if one not in LONG]
    if unknown := [name for name in names if name not in FAMILIES]:
        parser.error(f"{unknown[0]} is none of {', '.join(FAMILIES)}")
    return names, Asked(**given)


def _say(line: str) -> None:
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main()
