"""What will go wrong with one update: drawn before it begins. The same seed, the same luck."""

from collections.abc import Mapping
from dataclasses import dataclass
from random import Random

from devices.simulator.install import Ending, Part
from devices.simulator.numbers import UpdateNumbers

ONLY_FIRMWARE = frozenset({Ending.OLD_IMAGE, Ending.BRICK})  # settings do not keep it from starting


@dataclass(frozen=True, slots=True)
class Luck:
    """``cuts``: at which shares of the image its connection breaks. ``falls_silent_late``: only
    once it said that it installs."""

    ending: Ending
    writes_h: float
    slower: float = 1.0
    cuts: tuple[float, ...] = ()
    falls_silent_late: bool = False

    def cut_between(self, before: float, after: float) -> bool:
        """Whether the connection breaks while the image grows from one share to the other."""
        return any(before < cut <= after for cut in self.cuts)


def draw(
    random: Random, part: Part, numbers: UpdateNumbers, bad: Mapping[Ending, float] | None = None
) -> Luck:
    """``bad`` are percentages of endings that take the place of the usual ones."""
    ending = _ending(random.random(), numbers, bad)
    minutes = random.uniform(numbers.install_least_min, numbers.install_most_min)
    slow, cut = random.random() < numbers.slow_share, random.random() < numbers.cut_share
    cuts = sorted(random.random() for _ in range(random.randint(1, numbers.cuts_most)))
    late = random.random() < 0.5
    if part is Part.PROFILE:
        minutes = numbers.profile_install_s / 60
        ending = Ending.GOOD if ending in ONLY_FIRMWARE else ending
    return Luck(
        ending=ending,
        writes_h=minutes / 60,
        slower=numbers.slow_times if slow else 1.0,
        cuts=tuple(cuts) if cut else (),
        falls_silent_late=late,
    )


def _ending(chance: float, numbers: UpdateNumbers, bad: Mapping[Ending, float] | None) -> Ending:
    shares = _usual(numbers) if bad is None else {one: p / 100 for one, p in bad.items()}
    for ending, share in shares.items():
        if chance < share:
            return ending
        chance -= share
    return Ending.GOOD


def _usual(numbers: UpdateNumbers) -> dict[Ending, float]:
    return {
        Ending.WRONG_HASH: numbers.wrong_hash_share,
        Ending.FAILED: numbers.failed_share,
        Ending.OLD_IMAGE: numbers.old_image_share,
        Ending.BRICK: numbers.brick_share,
        Ending.LIE: numbers.lie_share,
        Ending.SILENCE: numbers.silence_share,
    }
