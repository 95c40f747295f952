"""How far off hours are: two simulated months of West Hartford, learnt night by night."""

from collections.abc import Iterator
from datetime import UTC, datetime
from statistics import median, quantiles

from tests.battery.lives import CHARGE_H, Held, Lives, foretold

CAMERAS, DAYS, LEAD_IN = 140, 60, 14
GOAL_H = 0.5
BEGINS = datetime(2030, 1, 7, tzinfo=UTC)  # a Monday, as hour 0 of the simulated calendar is


def measure() -> Iterator[str]:
    """Lines to print. The readings go into the benchmark's database and are learnt from there."""
    lives = Lives(cameras=CAMERAS, begins=BEGINS, seed=11, step_s=300)
    found = foretold(lives, days=DAYS, counted_after=LEAD_IN)
    yield _line("at the start of a duty", found.at_start)
    yield _line("8 h before it, in its bay", found.ahead)
    yield (
        f"battery after {CHARGE_H:g} h of charging: off by {median(found.charge_off):.1f} % "
        f"(median), {_p90(found.charge_off):.1f} % (p90), of {len(found.charge_off)}"
    )


def _line(when: str, held: list[Held]) -> str:
    at_8h = [one.off_at_8h for one in held]
    covered = sum(one.covered for one in held) / len(held)
    verdict = "met" if median(at_8h) <= GOAL_H else "missed"
    return (
        f"hours foretold {when}: off by {median(at_8h):.2f} h at 8 h (median), "
        f"{_p90(at_8h):.2f} h (p90), goal {GOAL_H} h: {verdict}; "
        f"over a whole charge {median(one.off_h for one in held):.2f} h; "
        f"{covered:.0%} lay between low and high; {len(held)} duties"
    )


def _p90(values: list[float]) -> float:
    return quantiles(values, n=10)[-1]
