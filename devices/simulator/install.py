"""An update inside a camera: it is written, the camera restarts, and is up again or is not."""

from dataclasses import dataclass
from enum import StrEnum


class Part(StrEnum):
    """What of a camera an update replaces, as DDI names it."""

    FIRMWARE = "os"
    PROFILE = "config"


class Ending(StrEnum):
    """How an update goes on from its offer. Whatever the end, the camera knows it only then."""

    GOOD = "good"
    WRONG_HASH = "wrong_hash"  # what arrived is not what was sent
    FAILED = "failed"  # it cannot be written
    OLD_IMAGE = "old_image"  # the new one does not start, and the camera goes back
    BRICK = "brick"  # nothing starts any more
    LIE = "lie"  # the client says success and has done nothing
    SILENCE = "silence"  # the client says nothing more until the camera restarts


class Stage(StrEnum):
    WRITING = "writing"
    RESTARTING = "restarting"
    UP = "up"  # with the new image or with the old one
    BROKEN_OFF = "broken off"  # before the restart: the old image was never left
    DEAD = "dead"


OVER = frozenset({Stage.UP, Stage.BROKEN_OFF, Stage.DEAD})


@dataclass(slots=True)
class Install:
    """``writes_h`` and ``restarts_h`` are what is left of both, in hours of simulated life."""

    part: Part
    version: str
    digest: str
    writes_h: float
    restarts_h: float
    ending: Ending = Ending.GOOD
    stage: Stage = Stage.WRITING

    @property
    def over(self) -> bool:
        return self.stage in OVER

    @property
    def restarting(self) -> bool:
        """Nobody hears of the camera now."""
        return self.stage is Stage.RESTARTING

    def go_on(self, hours: float) -> None:
        """Let ``hours`` go by; what is left of them after the writing goes to the restart."""
        if self.stage is Stage.WRITING:
            self.writes_h -= hours
            if self.writes_h > 0:
                return
            hours = -self.writes_h
            self.stage = Stage.BROKEN_OFF if self.ending is Ending.FAILED else Stage.RESTARTING
        if self.stage is Stage.RESTARTING:
            self.restarts_h -= hours
            if self.restarts_h <= 0:
                self.stage = Stage.DEAD if self.ending is Ending.BRICK else Stage.UP

    def tear_out(self) -> None:
        """The camera left its bay: what was being written is void; a restart goes on."""
        if self.stage is Stage.WRITING:
            self.stage = Stage.BROKEN_OFF
