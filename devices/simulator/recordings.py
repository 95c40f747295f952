"""What a camera has recorded and not yet handed over, and how much an officer records."""

from collections import deque
from dataclasses import dataclass, field
from math import exp, log
from random import Random

from devices.simulator.numbers import RecordingNumbers

Z95 = 1.6449  # the 95th percentile of a normal distribution, in standard deviations


@dataclass(slots=True)
class Recordings:
    """Bytes of each finished clip, oldest first, and of the one being recorded."""

    numbers: RecordingNumbers
    clips: deque[int] = field(default_factory=deque)
    open_bytes: int | None = None
    open_h: float = 0.0

    @property
    def waiting_bytes(self) -> int:
        return sum(self.clips) + (self.open_bytes or 0)

    @property
    def waiting_clips(self) -> int:
        return len(self.clips) + (self.open_bytes is not None)

    def start(self) -> None:
        if self.open_bytes is None:
            self.open_bytes, self.open_h = 0, 0.0

    def stop(self) -> None:
        if self.open_bytes is not None:
            self.clips.append(self.open_bytes)
            self.open_bytes = None

    def record(self, hours: float) -> None:
        """Write for ``hours``; past the longest clip the next one begins."""
        if self.open_bytes is None:
            return
        self.open_bytes += round(hours * self.numbers.gigabytes_an_hour * 1e9)
        self.open_h += hours
        if self.open_h >= self.numbers.clip_most_h:
            self.stop()
            self.start()

    def hand_over(self, size: int) -> None:
        """``size`` bytes have reached the store, oldest clip first; their space is free again."""
        while self.clips and size >= self.clips[0]:
            size -= self.clips.popleft()
        if self.clips:
            self.clips[0] -= size


def of_a_shift(random: Random, numbers: RecordingNumbers) -> list[float]:
    """The hours of each recording an officer makes in one shift."""
    spread = log(numbers.day_p95_min / numbers.day_median_min) / Z95
    total = numbers.day_median_min / 60 * exp(random.gauss(0, spread))
    parts = [random.expovariate(1) for _ in range(1 + poisson(random, numbers.clips_a_shift - 1))]
    return [total * part / sum(parts) for part in parts]


def poisson(random: Random, mean: float) -> int:
    """A Poisson count, by Knuth's way; for small means."""
    floor, product, count = exp(-mean), random.random(), 0
    while product > floor:
        product *= random.random()
        count += 1
    return count
