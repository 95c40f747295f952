"""The spare for an officer whose own camera has a critical fault: promised, or to be offered."""

from dataclasses import dataclass
from datetime import datetime

from devices.faults.models import Fault, FaultState, Severity
from devices.inventory.models import Officer
from devices.policy import Policy
from devices.readiness import shifts
from devices.readiness.margin import Judged, Post, ShiftSpan


@dataclass(frozen=True)
class SpareFor:
    """What the officer's next shift has for them."""

    shift: ShiftSpan
    post: Post

    @property
    def promised(self) -> Judged | None:
        return self.post.judged if self.post.stands_in else None

    @property
    def fails(self) -> str:
        """What stands against the promised spare itself, meanwhile."""
        return self.post.says if self.post.stands_in and not self.post.ready else ""

    @property
    def offer(self) -> Judged | None:
        """The best spare, unless one that will do is promised."""
        offered = next((todo.spare for todo in self.post.todo if todo.spare), None)
        return None if self.promised and not self.fails else offered


def spare_for(fault: Fault, *, now: datetime, policy: Policy) -> SpareFor | None:
    """What a spare is wanted for while a critical fault lasts; six statements.

    None when it is over, the camera is nobody's, its officer is on no shift within a week, has
    left or is suspended, or has another camera that is ready.
    """
    over = fault.state == FaultState.RESOLVED
    officer_id = fault.camera.officer_id
    if over or fault.severity != Severity.CRITICAL or officer_id is None:
        return None
    found = shifts.next_of(officer_id, now=now, policy=policy)
    if found is None:
        return None
    shift, post = found
    served = post.ready and not post.stands_in
    return None if served or post.duty.barred else SpareFor(shift.shift, post)


def fault_behind(officer: Officer) -> int | None:
    """The open critical fault of the officer's own camera: what a spare is promised for."""
    critical = Fault.objects.critical().filter(camera__officer=officer).order_by("opened_at")
    found: int | None = critical.values_list("pk", flat=True).first()
    return found
