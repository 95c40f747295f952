"""Looking, and what people do about what was seen."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from dataclasses import field as part
from datetime import datetime, timedelta
from typing import Any

from django.db import IntegrityError, connection, transaction

from devices import feed, ledger
from devices.access.people import reference
from devices.alerts import conditions, rules, sealing
from devices.alerts.catalogue import CATALOGUE, SEVERITIES, Pace, Rule, one_graver
from devices.alerts.models import (
    Alert,
    Channel,
    ChannelKind,
    Notice,
    Quiet,
    QuietKind,
    RuleChange,
)
from devices.alerts.rules import Condition, Course, Sight, Terms
from devices.errors import Refused
from devices.inventory.models import Dock, Station

# Any numbers of our own: of two sweeps of one pace at once the second has nothing to do.
_PEN = 7_403_002
_TURN_OF = {Pace.QUICK: 7_403_003, Pace.SLOW: 7_403_004}
LONGEST_QUIET = timedelta(days=30)
LONGEST_PATIENCE = timedelta(days=7)
Key = tuple[str, str]


@dataclass(frozen=True)
class InForce:
    """One rule as the department wants it."""

    rule: Rule
    terms: Terms
    limit: float | None
    enabled: bool = True

    @property
    def as_delivered(self) -> bool:
        """Whether it is as it would be if nobody had ever decided anything."""
        return self == _in_force(self.rule, None)


def in_force() -> dict[str, InForce]:
    """Every rule with what was decided of it last, by code; one query."""
    newest = RuleChange.objects.order_by("rule", "-pk").distinct("rule")
    changed = {one.rule: one for one in newest}
    return {code: _in_force(rule, changed.get(code)) for code, rule in CATALOGUE.items()}


def _in_force(rule: Rule, changed: RuleChange | None) -> InForce:
    default = rule.limit.default if rule.limit else None
    if changed is None:
        return InForce(rule, rule.terms, default)
    terms = Terms(changed.severity, changed.opens_after, changed.clears_after)
    # A rule may have lost its own limit since: the department's number holds for it now.
    limit = default if changed.limit is None or rule.limit is None else changed.limit
    return InForce(rule, terms, limit, changed.enabled)


# --- Looking -----------------------------------------------------------------------------


@transaction.atomic
def sweep(*, now: datetime, pace: Pace | None = None) -> int:
    """Every alert is where the facts of this moment bring it; says how many changed.

    Looks at the rules of this ``pace`` alone, if one is said, and leaves the alerts of others as
    they are. Safe to run twice, late, or in two workers: while one looks another of its pace
    finds the turn taken and leaves it at that. What takes long is the looking, so rows are read
    and locked after it: nobody who acknowledges meanwhile is written over, and no quick look
    waits for a slow one. A rule that is switched off lets its alerts go.
    """
    paces = list(Pace) if pace is None else [pace]
    if not all(_has_the_turn(one) for one in paces):
        return 0
    wanted = {code: one for code, one in in_force().items() if pace in (None, one.rule.pace)}
    open_now = Alert.objects.filter(resolved_at=None)
    sights = _look(wanted, open_now.values_list("rule", "subject"), now)
    _await_the_pen()
    unresolved = {(one.rule, one.subject): one for one in open_now.locked()}
    known = {key: one for key, one in unresolved.items() if key[0] in wanted}
    elsewhere = {key: one for key, one in unresolved.items() if key not in known}
    changed = _take_in(known, wanted, sights, elsewhere, now)
    _suppress(now)
    _note_looked(paces, now)
    if changed:
        feed.alerts_changed()
    return changed


def _has_the_turn(pace: Pace) -> bool:
    """Whether nobody else looks at this pace; until the transaction ends, nobody else does."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_xact_lock(%s)", [_TURN_OF[pace]])
        return bool(cursor.fetchone()[0])


def _await_the_pen() -> None:
    """One sweep writes at a time, whatever its pace: causes of one are effects of the other."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [_PEN])


def _look(
    wanted: Mapping[str, InForce], open_now: Iterable[Key], now: datetime
) -> dict[Key, Sight]:
    """What is seen of everything that is bad or has an alert."""
    known, found = list(open_now), dict[Key, Sight]()
    for code, one in wanted.items():
        if one.enabled:
            subjects = [subject for rule, subject in known if rule == code]
            patience = one.terms.opens_after
            seen = conditions.look(one.rule, one.limit, subjects, patience=patience, now=now)
            found |= {sight.key: sight for sight in seen}
    return found


def _take_in(
    known: Mapping[Key, Alert],
    wanted: Mapping[str, InForce],
    sights: Mapping[Key, Sight],
    elsewhere: Mapping[Key, Alert],
    now: datetime,
) -> int:
    """Move every alert one step; returns how many look different to people.

    ``elsewhere`` are those of rules that this sweep does not look at. They explain from their
    first bad sight on, as its own do.
    """
    lasting = {key: one for key, one in elsewhere.items() if one.cleared_at is None}
    lasting |= {key: one for key, one in known.items() if one.firing}
    explained = rules.explained(sights.values(), lasting)
    new, kept, gone = [], [], []
    for key in sorted(known.keys() | sights.keys()):
        row, sight = known.get(key), sights.get(key)
        if not wanted[key[0]].enabled:
            gone.append(row)
            continue
        if key in explained and not (row and row.fired_at):
            gone.append(row)  # its cause calls for it
            continue
        terms = _terms(row, sight, wanted[key[0]].terms)
        course = _step(row, sight, terms, now)
        if course is None:
            gone.append(row)
        elif row is None and sight is not None:
            new.append(_row(sight, course, terms, now))
        elif row is not None and _moved(row, sight, course, terms, now):
            kept.append(row)
    ended = [one for one in gone if one]
    changed = _write(new, kept, ended, now)
    _end_silences([one for one in kept if _is_back(one, now)], now)
    ids = {(one.rule, one.subject): one.pk for one in (*lasting.values(), *known.values(), *new)}
    _explain({key: ids[cause] for key, cause in explained.items() if cause in ids}, known)
    return changed


def _step(row: Alert | None, sight: Sight | None, terms: Terms, now: datetime) -> Course | None:
    return rules.step(
        _course(row) if row else None,
        sight.condition if sight else None,
        since=sight.since if sight else None,
        terms=terms,
        now=now,
    )


def _terms(row: Alert | None, sight: Sight | None, terms: Terms) -> Terms:
    """As grave as the rule says, or a step more of what has grown worse; what nobody sees to be bad
    now stays as grave as it was."""
    if sight and sight.condition is Condition.BAD:
        return replace(terms, severity=one_graver(terms.severity)) if sight.graver else terms
    return replace(terms, severity=row.severity) if row else terms


def _course(row: Alert) -> Course:
    return Course(
        began_at=row.began_at,
        fired_at=row.fired_at,
        better_at=row.better_at,
        cleared_at=row.cleared_at,
        acknowledged=row.acknowledged_at is not None,
        times=row.times,
        turns=tuple(row.turns),
        flapping=row.flapping,
    )


def _row(sight: Sight, course: Course, terms: Terms, now: datetime) -> Alert:
    row = Alert(rule=sight.rule, subject=sight.subject, seen_at=now)
    _say(row, sight)
    _set(row, course, terms, now)
    return row


_SAID = ("name", "words", "value", "limit", "station_id", "place", "address")
_GONE_THROUGH = ("began_at", "fired_at", "better_at", "cleared_at", "times", "flapping")
_LONGEST = {"name": 80, "words": 300, "value": 60, "limit": 60, "place": 80, "address": 120}


def _say(row: Alert, sight: Sight) -> None:
    for field in _SAID:
        said = getattr(sight, field)
        setattr(row, field, said[: _LONGEST[field]] if field in _LONGEST else said)


def _set(row: Alert, course: Course, terms: Terms, now: datetime) -> None:
    """An acknowledgement ends when the thing comes back, or grows graver. What comes and goes
    has not come back: people are told of it when it begins to, and it stays in whose hand it is.
    """
    graver = row.severity and SEVERITIES.index(terms.severity) > SEVERITIES.index(row.severity)
    if graver or (course.times > row.times and not (row.flapping and course.flapping)):
        row.acknowledged_at = row.acknowledged_by = row.told_at = row.escalated_at = None
        row.note = ""
    if course.flapping and not row.flapping:
        row.told_at = row.escalated_at = None
    for field in _GONE_THROUGH:
        setattr(row, field, getattr(course, field))
    row.turns, row.severity = list(course.turns), terms.severity
    row.resolved_at = now if course.resolved else None


def _moved(row: Alert, sight: Sight | None, course: Course, terms: Terms, now: datetime) -> bool:
    """Write into ``row`` what is new of it; says whether anything is."""
    before = {field: getattr(row, field) for field in _WRITTEN}
    if sight and sight.condition is not Condition.GOOD:
        _say(row, sight)
    _set(row, course, terms, now)
    return any(getattr(row, field) != said for field, said in before.items())


_WRITTEN = (*_SAID, *_GONE_THROUGH, "turns", "severity", "resolved_at", "acknowledged_at",
            "acknowledged_by_id", "note", "told_at", "escalated_at")  # fmt: skip


def _write(new: list[Alert], kept: list[Alert], gone: list[Alert], now: datetime) -> int:
    """In as many statements whatever the number; what never fired leaves no trace."""
    Alert.objects.bulk_create(new)
    for row in kept:
        row.seen_at = now
    fields = [name.removesuffix("_id") for name in _WRITTEN]
    Alert.objects.bulk_update(kept, [*fields, "seen_at"], batch_size=500)
    Alert.objects.filter(pk__in=[one.pk for one in gone if one.fired_at is None]).delete()
    let_go = [one.pk for one in gone if one.fired_at is not None]
    Alert.objects.filter(pk__in=let_go).update(cleared_at=now, resolved_at=now)
    return len(new) + len(kept) + len(gone)


def _is_back(row: Alert, now: datetime) -> bool:
    """It was well, and fired again at this look. What comes and goes has not come back."""
    return row.times > 1 and row.fired_at == now and not row.flapping


def _end_silences(back: Collection[Alert], now: datetime) -> None:
    """Silences of these alone are over: nobody silenced what comes after they were well. One that
    somebody ends meanwhile is left to them."""
    if not back:
        return
    open_now = Quiet.objects.filter(alert__in=back, ended_at=None, ends_at__gt=now)
    rows = list(open_now.select_for_update(skip_locked=True))
    Quiet.objects.filter(pk__in=[one.pk for one in rows]).update(ended_at=now)
    of = {one.pk: {"alert": one.name, "rule": one.rule} for one in back}
    why = "It was well, and came again."
    said = [ledger.Said("quiet ended", one, {**of[one.alert_id], "why": why}) for one in rows]
    ledger.record_all(said, by=None, now=now)


def _explain(causes: Mapping[Key, int], known: Mapping[Key, Alert]) -> None:
    """Alerts that another one explains point to it, and stop when it no longer does."""
    moved = {key: one.pk for key, one in known.items() if one.cause_id != causes.get(key)}
    for cause_id in {causes.get(key) for key in moved}:
        ids = [pk for key, pk in moved.items() if causes.get(key) == cause_id]
        Alert.objects.filter(pk__in=ids).update(cause=cause_id)


_SUPPRESS = """
UPDATE devices_alert a SET suppressed_why = coalesce(q.why, ''), suppressed_until = q.until
FROM devices_alert held LEFT JOIN LATERAL (
    SELECT initcap(q.kind) || ': ' || q.reason AS why, q.ends_at AS until
    FROM devices_quiet q LEFT JOIN devices_dock d ON d.id = q.dock_id
    WHERE q.ended_at IS NULL AND q.begins_at <= %(now)s AND q.ends_at > %(now)s
      AND (q.alert_id = held.id
           OR q.station_id = held.station_id
              AND (q.dock_id IS NULL OR held.subject = 'dock:' || d.code OR held.place = d.code))
    ORDER BY q.ends_at DESC LIMIT 1
) q ON true
WHERE a.id = held.id AND held.resolved_at IS NULL
  AND (a.suppressed_why, a.suppressed_until) IS DISTINCT FROM (coalesce(q.why, ''), q.until)
"""


def _suppress(now: datetime) -> None:
    """Before anything is written in the ledger: whoever looks has the alerts before its head."""
    with connection.cursor() as cursor:
        cursor.execute(_SUPPRESS, {"now": now})


# Not at every look: to the second is enough, and there are two looks a second. A clock that was
# set back is believed.
_LOOKED = """
INSERT INTO devices_looked (pace, at) SELECT unnest(%(paces)s::text[]), %(now)s
ON CONFLICT (pace) DO UPDATE SET at = excluded.at
WHERE excluded.at NOT BETWEEN devices_looked.at AND devices_looked.at + interval '1 second'
"""


def _note_looked(paces: Collection[Pace], now: datetime) -> None:
    with connection.cursor() as cursor:
        cursor.execute(_LOOKED, {"paces": [one.value for one in paces], "now": now})


# --- What people do ------------------------------------------------------------------------


def _hold_open() -> dict[int, Alert]:
    """Every open alert, by number and locked: what is silenced changes any of them at once, and
    an UPDATE takes them in whatever order it finds them."""
    return {one.pk: one for one in Alert.objects.filter(resolved_at=None).locked()}


@transaction.atomic
def acknowledge(alerts: Iterable[Alert], *, note: str, by: Any, now: datetime) -> int:
    """Somebody has these in hand; a cleared one is settled by it. Says how many it was news for.

    Refuses when there is nothing left to acknowledge.
    """
    ids = [one.pk for one in alerts]
    fresh = Alert.objects.filter(pk__in=ids, acknowledged_at=None, resolved_at=None)
    names = sorted((one.rule, one.name) for one in fresh.locked())
    if not names:
        raise Refused("Somebody acknowledged it already.")
    fresh.filter(cleared_at__isnull=False, flapping=False).update(resolved_at=now)
    Alert.objects.filter(pk__in=ids, acknowledged_at=None).update(
        acknowledged_at=now, acknowledged_by=by, note=note.strip()[:200]
    )
    for rule, name in names:
        ledger.record("alert acknowledged", name, by=by, now=now, rule=rule, note=note[:200])
    feed.alerts_changed()
    return len(names)


@transaction.atomic
def take_over(alerts: Iterable[Alert], *, note: str, by: Any, now: datetime) -> int:
    """What somebody else has in hand is in this person's; their note stays where none is written.

    Says how many. Refuses when somebody else has none of these.
    """
    held = Alert.objects.filter(pk__in=[one.pk for one in alerts], resolved_at=None)
    others = held.filter(acknowledged_at__isnull=False).exclude(acknowledged_by=by)
    locked = others.select_related("acknowledged_by").locked()
    rows = sorted(locked, key=lambda one: (one.rule, one.name))
    if not rows:
        raise Refused("Nobody else has it in hand.")
    said = note.strip()[:200]
    taken = Alert.objects.filter(pk__in=[one.pk for one in rows])
    taken.update(acknowledged_at=now, acknowledged_by=by, **({"note": said} if said else {}))
    for one in rows:
        before = reference(one.acknowledged_by) if one.acknowledged_by else ""
        told = {"rule": one.rule, "note": said, "held_by": before}
        ledger.record("alert taken over", one.name, by=by, now=now, **told)
    feed.alerts_changed()
    return len(rows)


@transaction.atomic
def silence(alert: Alert, *, until: datetime, reason: str, by: Any, now: datetime) -> Quiet:
    """No notice of this alert until then. Refuses one that is not firing, and without a reason."""
    row = _hold_open().get(alert.pk)
    if row is None or row.fired_at is None or not row.lasting:
        raise Refused(f"{alert.name} is not firing; there is nothing to silence.")
    _checked(until, reason, now)
    quiet = Quiet.objects.create(
        kind=QuietKind.SILENCE,
        alert=row,
        reason=reason.strip()[:200],
        begins_at=now,
        ends_at=until,
        by=by,
    )
    _suppress(now)
    ledger.record("alert silenced", row.name, by=by, now=now, rule=row.rule, reason=reason[:200])
    feed.alerts_changed()
    return quiet


@dataclass(frozen=True)
class Span:
    """From one moment to another."""

    begins_at: datetime
    ends_at: datetime


@transaction.atomic
def maintain(
    station: Station, dock: Dock | None, span: Span, *, reason: str, by: Any, now: datetime
) -> Quiet:
    """Work is done at this station, or at this dock of it, in this span."""
    if dock is not None and dock.station_id != station.pk:
        raise Refused(f"{dock} does not stand at {station}.")
    if span.ends_at <= span.begins_at:
        raise Refused("The work ends after it begins.")
    _checked(span.ends_at, reason, now)
    _hold_open()
    quiet = Quiet.objects.create(
        kind=QuietKind.MAINTENANCE,
        station=station,
        dock=dock,
        reason=reason.strip()[:200],
        begins_at=span.begins_at,
        ends_at=span.ends_at,
        by=by,
    )
    where = dock or station
    _suppress(now)
    ledger.record("maintenance planned", where, by=by, now=now, reason=reason[:200])
    feed.alerts_changed()
    return quiet


def _checked(until: datetime, reason: str, now: datetime) -> None:
    if not reason.strip():
        raise Refused("Say why; it is shown to everybody who misses the notices.")
    if until <= now:
        raise Refused("It has to end later than now.")
    if until - now > LONGEST_QUIET:
        raise Refused(f"It ends within {LONGEST_QUIET.days} days; plan a new one then.")


@transaction.atomic
def end_quiet(quiet: Quiet, *, by: Any, now: datetime) -> None:
    """Notices come again from now on. Refuses one that is over."""
    _hold_open()
    if not Quiet.objects.filter(pk=quiet.pk, ended_at=None, ends_at__gt=now).update(
        ended_at=now, ended_by=by
    ):
        raise Refused("It is over already.")
    _suppress(now)
    ledger.record("quiet ended", quiet, by=by, now=now)
    feed.alerts_changed()


@transaction.atomic
def change_rule(wanted: InForce, *, reason: str, by: Any, now: datetime) -> RuleChange:
    """The rule is so from the next look on. Refuses what is out of its bounds."""
    if not reason.strip():
        raise Refused("Say why in a few words; it stays with the rule.")
    if faults := list(_out_of_bounds(wanted)):
        raise Refused(" ".join(faults))
    terms = wanted.terms
    change = RuleChange.objects.create(
        rule=wanted.rule.code,
        enabled=wanted.enabled,
        severity=terms.severity,
        opens_after=terms.opens_after,
        clears_after=terms.clears_after,
        limit=wanted.limit if wanted.rule.limit else None,
        reason=reason.strip()[:200],
        at=now,
        by=by,
    )
    facts: dict[str, Any] = {
        "enabled": wanted.enabled,
        "severity": terms.severity,
        "opens_after_s": int(terms.opens_after.total_seconds()),
        "clears_after_s": int(terms.clears_after.total_seconds()),
        "limit": "" if change.limit is None else f"{change.limit:g}",
        "reason": change.reason,
    }
    ledger.record("alert rule changed", change.rule, by=by, now=now, **facts)
    return change


def _out_of_bounds(wanted: InForce) -> Iterable[str]:
    terms, bounds, limit = wanted.terms, wanted.rule.limit, wanted.limit
    if terms.severity not in SEVERITIES:
        yield f"Choose how grave it is: {', '.join(SEVERITIES)}."
    if not all(
        timedelta() <= span <= LONGEST_PATIENCE for span in (terms.opens_after, terms.clears_after)
    ):
        yield f"A rule waits between no time and {LONGEST_PATIENCE.days} days."
    if bounds and (limit is None or not bounds.lowest <= limit <= bounds.highest):
        yield f"{bounds.label} lies between {bounds.lowest:g} and {bounds.highest:g} {bounds.unit}."


@dataclass(frozen=True)
class Listener:
    """Where notices should go, and which. ``station`` None: those of every station.

    For a chat ``address`` is the name that people see and ``secret`` what it stands for.
    """

    kind: ChannelKind
    address: str
    station: Station | None = None
    least: str = "major"
    escalations_only: bool = False
    digest: bool = False
    secret: str = part(default="", repr=False)


@transaction.atomic
def add_channel(listener: Listener, *, salt: str, by: Any, now: datetime) -> Channel:
    """Notices go there from now on. Refuses an address that has them already."""
    try:
        with transaction.atomic():
            channel = Channel.objects.create(
                kind=listener.kind,
                address=listener.address,
                station=listener.station,
                least=listener.least,
                escalations_only=listener.escalations_only,
                digest=listener.digest,
                salt=salt,
                sealed=sealing.sealed(listener.secret, salt=salt) if listener.secret else "",
                made_at=now,
                made_by=by,
            )
    except IntegrityError:
        raise Refused(f"{listener.address} gets these notices already.") from None
    ledger.record("channel added", f"channel {channel.pk}", by=by, now=now, kind=channel.kind)
    return channel


@transaction.atomic
def end_channel(channel: Channel, *, by: Any, now: datetime) -> None:
    """Nothing goes there any more; a secret address is forgotten."""
    here = Channel.objects.filter(pk=channel.pk, ended_at=None)
    if not here.update(ended_at=now, sealed=""):
        raise Refused("It gets no notices already.")
    ledger.record("channel ended", f"channel {channel.pk}", by=by, now=now)


# --- Notices -------------------------------------------------------------------------------


def note_told(alerts: Collection[Alert], field: str, *, now: datetime | None) -> None:
    """Remember that these were told of (``told_at``) or escalated (``escalated_at``)."""
    Alert.objects.filter(pk__in=[one.pk for one in alerts]).update(**{field: now})


def write_notices(made: Collection[Notice]) -> list[Notice]:
    """Keep these notices to be sent; one that was written before is not written again."""
    return Notice.objects.bulk_create(made, ignore_conflicts=True)


@transaction.atomic
def claim_notices(most: int, *, now: datetime, pause: timedelta) -> list[Notice]:
    """At most this many due notices, each put off first, so that no other worker sends it too."""
    due = Notice.objects.filter(due_at__lte=now, sent_at=None, given_up_at=None)
    found = list(
        due.select_for_update(skip_locked=True, of=("self",))
        .select_related("channel", "person")
        .order_by("due_at")[:most]
    )
    for one in found:
        one.tries += 1
        one.due_at = now + pause * 2 ** (one.tries - 1)
    Notice.objects.bulk_update(found, ["tries", "due_at"])
    return found


def note_sent(notice: Notice, *, now: datetime) -> None:
    Notice.objects.filter(pk=notice.pk).update(sent_at=now, fault="")


def note_not_sent(notice: Notice, fault: str, *, most: int, now: datetime) -> None:
    """It is tried again later; after ``most`` tries it is given up, which the page shows."""
    given_up = now if notice.tries >= most else None
    Notice.objects.filter(pk=notice.pk).update(fault=fault[:200], given_up_at=given_up)
