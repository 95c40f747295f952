"""Letting devices and people in, and shutting them out. Each act is one entry in the ledger.

A plaintext token is returned once, by the act that made it, and is nowhere afterwards.
"""

from collections.abc import Collection
from datetime import datetime, timedelta
from typing import Any

from django.contrib.auth.models import Group, User
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.db import IntegrityError, connection, transaction
from django.db.models import Q

from devices import ledger
from devices.access.models import (
    ApiToken,
    Posting,
    Quarantined,
    QuarantineKind,
)
from devices.access.people import reference
from devices.access.rules import camera_token_refused, roles_kept_apart
from devices.access.scopes import Scope
from devices.access.tokens import TokenKind, mint
from devices.errors import Refused
from devices.inventory.models import Camera, Dock, Officer, ServiceState, Station
from devices.roles import Role

OVERLAP = timedelta(hours=24)  # a dock is given its new token by hand, within a working day
USE_NOTED_EVERY = timedelta(minutes=1)
MOST_OPEN = 200  # unsettled rows a sender may cause, so that a flood of serials fills no table


# --- Docks and cameras ---------------------------------------------------------------


@transaction.atomic
def enrol_dock(dock: Dock, *, by: Any, now: datetime) -> str:
    """Give a dock its first token, or one after a revocation. Refuses while it has a valid one."""
    return _enrol(dock, by=by, now=now)


@transaction.atomic
def enrol_camera(camera: Camera, *, by: Any, now: datetime) -> str:
    """Give a camera with a radio its token. Refuses while it has a valid one."""
    retired = camera.service_state == ServiceState.RETIRED
    if reason := camera_token_refused(str(camera), radio=camera.model.radio, retired=retired):
        raise Refused(reason)
    return _enrol(camera, by=by, now=now)


@transaction.atomic
def rotate(device: Dock | Camera, *, by: Any, now: datetime, overlap: timedelta = OVERLAP) -> str:
    """Give a device a new token; the old one ends after the overlap. Refuses without an old one."""
    _locked(device)
    ends_at = now + overlap
    old = _tokens(device).valid(now)
    if not old.exists():
        raise Refused(f"{device} has no valid token; enrol it.")
    old.filter(Q(ends_at=None) | Q(ends_at__gt=ends_at)).update(ends_at=ends_at)
    return _give(device, "token rotated", by=by, now=now, old_ends_at=ends_at.isoformat())


@transaction.atomic
def revoke(device: Dock | Camera, *, by: Any, now: datetime, reason: str = "") -> None:
    """Every token of this device ends now. Refuses when it has none."""
    _locked(device)
    keys = sorted(_tokens(device).valid(now).values_list("key_id", flat=True))
    if not keys:
        raise Refused(f"{device} has no valid token.")
    _tokens(device).filter(key_id__in=keys).update(revoked_at=now)
    ledger.record("token revoked", device, by=by, now=now, keys=keys, reason=reason[:200])


def _enrol(device: Dock | Camera, *, by: Any, now: datetime) -> str:
    _locked(device)
    if _tokens(device).valid(now).exists():
        raise Refused(f"{device} already has a token; rotate it or revoke it first.")
    return _give(device, "enrolled", by=by, now=now)


def _give(device: Dock | Camera, verb: str, *, by: Any, now: datetime, **facts: Any) -> str:
    kind = TokenKind.DOCK if isinstance(device, Dock) else TokenKind.CAMERA
    minted = mint(kind)
    _tokens(device).create(key_id=minted.key_id, digest=minted.digest, made_at=now, made_by=by)
    ledger.record(verb, device, by=by, now=now, key=minted.key_id, **facts)
    return minted.plaintext


def _locked(device: Dock | Camera) -> None:
    """Two people who enrol or revoke one device at the same moment take turns."""
    type(device)._default_manager.select_for_update(no_key=True).get(pk=device.pk)


def _tokens(device: Dock | Camera) -> Any:
    return device.tokens


# --- Senders that were not believed ------------------------------------------------------

_QUARANTINE = """
WITH named AS (SELECT DISTINCT unnest(%(serials)s::text[]) AS serial),
held AS (
    SELECT kind, serial FROM devices_quarantined
    WHERE settled_at IS NULL
      AND dock_id IS NOT DISTINCT FROM %(dock)s::bigint
      AND camera_id IS NOT DISTINCT FROM %(camera)s::bigint
),
again AS (SELECT serial FROM held JOIN named USING (serial) WHERE kind = %(kind)s),
fresh AS (
    SELECT serial FROM named WHERE serial NOT IN (SELECT serial FROM again)
    ORDER BY serial LIMIT greatest(0, %(most)s - (SELECT count(*) FROM held))
)
INSERT INTO devices_quarantined AS q
    (kind, serial, dock_id, camera_id, first_at, last_at, times, note)
SELECT %(kind)s, serial, %(dock)s, %(camera)s, %(now)s, %(now)s, 1, ''
FROM (SELECT serial FROM again UNION SELECT serial FROM fresh) AS listed ORDER BY serial
ON CONFLICT (kind, serial, dock_id, camera_id) WHERE settled_at IS NULL
DO UPDATE SET last_at = greatest(q.last_at, excluded.last_at), times = q.times + 1
"""


def quarantine(
    kind: QuarantineKind,
    serials: Collection[str],
    *,
    dock_id: int | None,
    camera_id: int | None,
    now: datetime,
) -> None:
    """List serial numbers that were said but not believed, for a person to settle.

    A serial already listed counts up. Past ``MOST_OPEN`` unsettled rows of one sender no
    new ones are listed: the list then already says that something is wrong there. (Two
    batches of one sender in the same instant may pass the limit once, by one batch.)
    """
    told = {
        "kind": kind.value,
        "serials": list(serials),
        "dock": dock_id,
        "camera": camera_id,
        "now": now,
        "most": MOST_OPEN,
    }
    with connection.cursor() as cursor:
        cursor.execute(_QUARANTINE, told)


@transaction.atomic
def settle(quarantined: Quarantined, *, by: Any, now: datetime, note: str) -> None:
    """A person has dealt with a quarantined serial; if it speaks again, it is listed again."""
    open_row = Quarantined.objects.filter(pk=quarantined.pk, settled_at=None)
    if not open_row.update(settled_at=now, settled_by=by, note=note[:200]):
        raise Refused(f"{quarantined.serial} was settled already.")
    kind = quarantined.kind
    ledger.record("quarantine settled", quarantined.serial, by=by, now=now, kind=kind, note=note)


# --- People ------------------------------------------------------------------------------


@transaction.atomic
def create_user(
    username: str, password: str, *, by: Any, now: datetime, officer: Officer | None = None
) -> User:
    """A person who can sign in, and may do nothing until a role is granted."""
    _checked_password(username, password)
    try:
        with transaction.atomic():
            user = User.objects.create_user(username, password=password)
    except IntegrityError:
        raise Refused(f"There is a user {username} already.") from None
    if officer is not None and not Officer.objects.filter(pk=officer.pk, user=None).update(
        user=user
    ):
        raise Refused(f"Officer {officer} has a user already.")
    badge = None if officer is None else officer.badge_number
    ledger.record("user created", reference(user), by=by, now=now, officer=badge)
    return user


@transaction.atomic
def grant(user: User, role: Role, *, by: Any, now: datetime) -> None:
    """The person holds this role. Refuses roles that must not meet in one person."""
    User.objects.select_for_update(no_key=True).get(pk=user.pk)
    names = {each.value: each for each in Role}
    held = {names[name] for name in user.groups.values_list("name", flat=True) if name in names}
    if role in held:
        return
    if reasons := roles_kept_apart(held | {role}):
        raise Refused(" ".join(reasons))
    group, _ = Group.objects.get_or_create(name=role.value)
    user.groups.add(group)
    ledger.record("role granted", reference(user), by=by, now=now, role=role.value)


@transaction.atomic
def withdraw(user: User, role: Role, *, by: Any, now: datetime) -> None:
    """The person holds this role no more. Refuses one never held."""
    group = user.groups.filter(name=role.value).first()
    if group is None:
        raise Refused(f"{user} is not {role.value}.")
    user.groups.remove(group)
    ledger.record("role withdrawn", reference(user), by=by, now=now, role=role.value)


@transaction.atomic
def post(user: User, stations: Collection[Station], *, by: Any, now: datetime) -> None:
    """The person's roles hold in exactly these stations from now on."""
    User.objects.select_for_update(no_key=True).get(pk=user.pk)
    Posting.objects.filter(user=user).exclude(station__in=stations).delete()
    Posting.objects.bulk_create(
        [Posting(user=user, station=station) for station in stations], ignore_conflicts=True
    )
    codes = sorted(station.code for station in stations)
    ledger.record("posted", reference(user), by=by, now=now, stations=codes)


@transaction.atomic
def want_summary(user: User, email: str, *, now: datetime) -> None:
    """After each shift the summary of this person's cameras goes there; to nowhere if it is empty.

    The address itself is not in the ledger: it may have to be forgotten.
    """
    User.objects.filter(pk=user.pk).update(email=email)
    verb = "summary wanted" if email else "summary not wanted"
    ledger.record(verb, reference(user), by=user, now=now)


@transaction.atomic
def make_api_token(
    user: User,
    *,
    label: str,
    scopes: Collection[str],
    by: Any,
    now: datetime,
    ends_at: datetime | None = None,
) -> str:
    """A key for this person's programs, shown once, for what these scopes name."""
    if not label.strip():
        raise Refused("Say what the token is for.")
    if not scopes or not set(scopes) <= set(Scope):
        raise Refused(f"Choose what the token is for: {', '.join(Scope)}.")
    minted = mint(TokenKind.API)
    ApiToken.objects.create(
        user=user,
        label=label.strip()[:60],
        scopes=sorted(scopes),
        key_id=minted.key_id,
        digest=minted.digest,
        made_at=now,
        made_by=by,
        ends_at=ends_at,
    )
    ledger.record(
        "API token made",
        reference(user),
        by=by,
        now=now,
        key=minted.key_id,
        scopes=sorted(scopes),
    )
    return minted.plaintext


@transaction.atomic
def revoke_api_token(token: ApiToken, *, by: Any, now: datetime) -> None:
    """This key opens nothing from now on."""
    if not ApiToken.objects.filter(pk=token.pk, revoked_at=None).update(revoked_at=now):
        raise Refused(f"The token {token.label} was revoked already.")
    ledger.record("API token revoked", reference(token.user), by=by, now=now, key=token.key_id)


def note_use(token: ApiToken, *, now: datetime) -> None:
    """Remember that a program came with this token, once a minute however often it comes."""
    before = now - USE_NOTED_EVERY
    if token.last_used_at is None or token.last_used_at < before:
        unnoted = Q(last_used_at=None) | Q(last_used_at__lt=before)
        ApiToken.objects.filter(unnoted, pk=token.pk).update(last_used_at=now)


def _checked_password(username: str, password: str) -> None:
    try:
        validate_password(password, User(username=username))
        User.username_validator(username)
    except ValidationError as invalid:
        raise Refused(" ".join(invalid.messages)) from None
