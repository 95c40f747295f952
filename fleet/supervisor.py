"""Keeps the parts of a fleet running until it is told to stop, then ends them in order."""

import signal
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from time import monotonic, sleep
from types import FrameType
from typing import Protocol

from fleet import rotation
from fleet.services import children
from fleet.terminal import tell

LOOK_EVERY = 0.25  # seconds
FIRST_DELAY, LONGEST_DELAY = 0.5, 30.0
STEADY_AFTER = 60.0  # a part that has run this long has earned a quick restart


class Part(Protocol):
    name: str

    @property
    def ended(self) -> bool: ...
    def start(self) -> None: ...
    def stop(self) -> None: ...
    def last_words(self) -> str: ...


@dataclass
class Program:
    """A part that is one command, its words going to a log of its own."""

    name: str
    command: Sequence[str]
    log: Path
    patience: float = 15.0  # seconds from SIGTERM to SIGKILL
    process: subprocess.Popen[bytes] | None = None

    @property
    def ended(self) -> bool:
        return self.process is not None and self.process.poll() is not None

    def start(self) -> None:
        self.process = children.spawn(self.command, log=self.log)

    def stop(self) -> None:
        if self.process:
            children.end(self.process, patience=self.patience)

    def last_words(self) -> str:
        return children.how_it_ended(self.process)


@dataclass
class Watch:
    """One part and what is known of its falls."""

    part: Part
    delay: float = FIRST_DELAY
    up_since: float = field(default_factory=monotonic)
    due_at: float | None = None

    def look(self, now: float) -> None:
        if self.due_at is not None:
            self._start_when_due(now)
        elif self.part.ended:
            self._fell(now, f"ended ({self.part.last_words()})")

    def _fell(self, now: float, how: str) -> None:
        if now - self.up_since > STEADY_AFTER:
            self.delay = FIRST_DELAY
        tell(f"{self.part.name} {how}; it starts again in {self.delay:g} s.")
        self.due_at, self.delay = now + self.delay, min(self.delay * 2, LONGEST_DELAY)

    def _start_when_due(self, now: float) -> None:
        if self.due_at is None or now < self.due_at:
            return
        self.due_at, self.up_since = None, now
        try:
            self.part.start()
        except SystemExit as refusal:
            self._fell(now, f"could not start ({refusal})")
        else:
            tell(f"{self.part.name} runs again.")


class Supervisor:
    def __init__(self, logs: Path) -> None:
        self.logs = logs
        self.watches: list[Watch] = []

    def start(self, part: Part) -> None:
        """`part` runs and is watched. A first start that fails ends everything."""
        self.watches.append(Watch(part))
        part.start()

    def keep(self, ending: "Ending") -> None:
        """Every part that falls is started again, until somebody asks for the end."""
        while not ending.asked:
            sleep(LOOK_EVERY)
            self.look_once()

    def look_once(self) -> None:
        for watch in self.watches:
            watch.look(monotonic())
        rotation.bound(self.logs)

    def end(self) -> bool:
        """The last started is the first to go: nobody loses what it leans on.

        Whether there was anything to end.
        """
        for watch in reversed(self.watches):
            watch.part.stop()
        return bool(self.watches)


class Ended(SystemExit):
    """Somebody asked for the end before the beginning was over."""


class Ending:
    """Whether a signal has asked for the end: while it ``unwinds`` what was started is undone,
    later the watch sees it. Once is enough.

    A signal may come while anything is under way, and the next while it is being answered: this
    takes no lock and writes no word, either of which could wait for itself.
    """

    def __init__(self) -> None:
        self.asked = False
        self.unwinds = True
        for sign in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(sign, self._hear)

    def _hear(self, sign: int, _: FrameType | None) -> None:
        first, self.asked = not self.asked, True
        if first and self.unwinds:
            raise Ended(128 + sign)
