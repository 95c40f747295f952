"""How quickly a part that keeps falling is tried again, and logs that stay small."""

from dataclasses import dataclass, field

import pytest

from fleet import provision, rotation
from fleet.supervisor import LONGEST_DELAY, STEADY_AFTER, Watch


@dataclass
class Faller:
    """A part that ends as often as it is started."""

    name: str = "faller"
    ended: bool = True
    starts: list[float] = field(default_factory=list)
    refuses: bool = False

    def start(self) -> None:
        self.starts.append(0.0)
        if self.refuses:
            raise SystemExit("no")

    def stop(self) -> None: ...

    def last_words(self) -> str:
        return "exit code 1"


def _delays(watch: Watch, falls: int) -> list[float]:
    now, delays = watch.up_since, []
    for _ in range(falls):
        watch.look(now)
        assert watch.due_at is not None
        delays.append(watch.due_at - now)
        now = watch.due_at
        watch.look(now)
    return delays


def test_a_part_that_keeps_falling_is_tried_less_and_less_often():
    delays = _delays(Watch(Faller(), up_since=0.0), falls=8)

    assert delays == [0.5, 1, 2, 4, 8, 16, LONGEST_DELAY, LONGEST_DELAY]


def test_a_part_that_stood_for_a_while_is_started_at_once_again():
    watch = Watch(Faller(), up_since=0.0)
    _delays(watch, falls=6)

    watch.look(watch.up_since + STEADY_AFTER + 1)

    assert watch.due_at == watch.up_since + STEADY_AFTER + 1.5


@pytest.mark.parametrize("refuses", [True, False])
def test_a_part_is_not_started_before_its_time(refuses):
    faller = Faller(refuses=refuses)
    watch = Watch(faller, up_since=0.0)
    watch.look(0.0)

    watch.look(0.4)
    assert faller.starts == []

    watch.look(0.5)
    assert len(faller.starts) == 1


def test_a_part_that_cannot_start_is_tried_again():
    watch = Watch(Faller(refuses=True), up_since=0.0)

    assert len(_delays(watch, falls=1)) == 1
    assert watch.due_at is not None


def test_a_log_does_not_fill_the_disk_and_its_writer_goes_on(tmp_path):
    log = tmp_path / "web.log"
    with log.open("ab", buffering=0) as writer:
        writer.write(b"x" * (rotation.LARGEST + 1))

        rotation.bound(tmp_path)
        writer.write(b"after\n")

    assert log.read_bytes() == b"after\n"
    assert (tmp_path / "web.log.1").stat().st_size == rotation.LARGEST + 1


def test_the_system_is_asked_for_its_packages_until_it_has_said_so(monkeypatch):
    answers = ["Could not get lock /var/lib/apt/lists/lock", None]
    asked = []
    monkeypatch.setattr(provision, "LOOKED", [])
    monkeypatch.setattr(
        provision, "called", lambda command, *_: asked.append(command) or answers[len(asked) - 1]
    )

    for _ in range(3):
        provision.look_for_packages()

    assert len(asked) == 2


def test_an_environment_is_made_again_when_a_lock_changes(tmp_path):
    lock = tmp_path / "requirements.txt"
    lock.write_text("a==1")
    noted = provision.digest(lock)
    assert provision.covers(noted, [lock])

    lock.write_text("a==2")

    assert not provision.covers(noted, [lock])
