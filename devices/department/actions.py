"""Deciding the department's numbers: each decision is a new version, nothing is edited."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.db import connection, transaction

from devices import feed, ledger
from devices.department import current, rules
from devices.department.models import PolicyVersion
from devices.errors import Refused

LONGEST_REASON = 200
_TURN = 7_403_001  # any number of our own: whoever decides waits for whoever is deciding


@transaction.atomic
def decide(
    written: Mapping[str, int], *, reason: str, based_on: int, by: Any, now: datetime
) -> PolicyVersion:
    """The numbers are as ``written``, in the units of `rules.DECIDABLE`; the others stay.

    ``based_on`` is the version whose effect the person saw (0: none yet). Refuses when somebody
    decided since, without a reason, and a number outside its bounds.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [_TURN])
    before = PolicyVersion.objects.first()
    if based_on != (before.number if before else 0):
        raise Refused("Somebody decided since you looked; look at the preview again.")
    if not reason.strip():
        raise Refused("Say why in a few words; it stays with the decision.")
    known = {one.name: one for one in rules.DECIDABLE}
    if strange := sorted(written.keys() - known.keys()):
        raise Refused(f"{strange[0]} is not a number to decide.")
    if faults := [said for name in written if (said := rules.wrong(known[name], written[name]))]:
        raise Refused(" ".join(faults))
    kept = {name: rules.to_keep(known[name], value) for name, value in written.items()}
    version = PolicyVersion.objects.create(
        number=based_on + 1,
        decided={**(before.decided if before else {}), **kept},
        reason=reason.strip()[:LONGEST_REASON],
        decided_at=now,
        decided_by=by,
    )
    ledger.record("policy decided", version, by=by, now=now, decided=kept, reason=version.reason)
    transaction.on_commit(current.forget)
    feed.touch_all()
    return version
