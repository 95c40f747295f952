"""Whatever two desks scan, undo, correct, crash over and send again: custody stays true.

A crash takes its transaction back; then the desk sends the same scan again.
"""

from collections import Counter
from contextlib import suppress
from dataclasses import replace
from datetime import timedelta
from uuid import uuid4

import pytest
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from devices.custody import actions as custody
from devices.custody.actions import Correction, Terms, Told
from devices.custody.models import Custody, CustodyEvent, CustodyKind
from devices.desk.cards import CARDS
from devices.errors import Refused
from devices.inventory.models import Camera
from tests.desk.racing import overlaps, present, replayed

pytestmark = pytest.mark.django_db

BADGES = ("1017", "1031", "1044")
CAMERAS = range(3)  # the own one and two spares
WORDS = ("CANCEL", "UNDO", "UNDO", "TRANSFER", "RNOOTHER", "INFO")
CODE = {one.word: one.code for one in CARDS}
CHANGED = {"issued", "taken", "returned", "transferred", "found", "undone"}
AFTER_S = st.sampled_from([-3600, 0.5, 2, 5, 11, 16, 70])

SCANNED = st.one_of(
    st.sampled_from(BADGES),
    st.sampled_from(CAMERAS),
    st.sampled_from(CAMERAS),
    st.sampled_from([CODE[word] for word in WORDS]),
)
SCANS = st.tuples(
    st.just("scan"),
    st.booleans(),  # which desk
    SCANNED,
    AFTER_S,
    st.sampled_from(["once", "once", "again", "crash", "crash and again"]),
)
ACTS = st.tuples(
    st.sampled_from(["correct", "undo", "lose", "assign", "transfer", "leave"]),
    st.sampled_from(CAMERAS),
    st.sampled_from((*BADGES, "")),
    st.booleans(),
)


class Days:
    """What happens at this house, one thing after the other."""

    def __init__(self, house):
        self.house = house
        self.desks = [replace(desk, context={}) for desk in (house.desk, house.other_desk)]
        self.cameras = [house.own, *house.spares[:2]]
        self.answers = {}

    @property
    def now(self):
        return max(desk.now for desk in self.desks)

    def goes(self, what, *how):
        if what == "scan":
            self.scan(*how)
        else:
            with suppress(Refused), transaction.atomic():
                getattr(self, what)(*how)

    def scan(self, other, code, after_s, fate):
        desk, key = self.desks[other], uuid4()
        desk.now += timedelta(seconds=after_s)
        raw = code if isinstance(code, str) else self.cameras[code].label
        before = dict(desk.context)
        if "crash" in fate:
            with transaction.atomic():
                desk.scan(raw, after_s=0, key=key)
                transaction.set_rollback(True)
            desk.context, desk.seq = dict(before), desk.seq - 1
        answer = desk.scan(raw, after_s=0, key=key)
        if "again" in fate:
            desk.context, desk.seq = dict(before), desk.seq - 1
            assert desk.scan(raw, after_s=0, key=key) == answer
        self.answers[key] = answer["result"]

    def told(self):
        return Told(by=self.house.desk.by, now=self.now, reason="As told")

    def correct(self, camera, badge, ended):
        wrong = Custody.objects.filter(camera=self.cameras[camera]).order_by("-id").first()
        if wrong is not None:
            ends = max(self.now, wrong.opened_at) if ended else None
            right = Correction(self.house.officers.get(badge), wrong.opened_at, ends)
            custody.correct(wrong, right, told=self.told())

    def undo(self, camera, *_):
        event = CustodyEvent.objects.filter(camera=self.cameras[camera]).order_by("-id").first()
        if event is not None:
            custody.undo(event, told=self.told())

    def lose(self, camera, *_):
        custody.report_lost(self.cameras[camera], told=self.told())

    def assign(self, camera, badge, _):
        custody.assign(self.cameras[camera], self.house.officers.get(badge), told=self.told())

    def transfer(self, camera, badge, own):
        terms = Terms(CustodyKind.LOAN, self.house.own) if own else Terms()
        if badge:
            custody.transfer(
                self.cameras[camera], self.house.officers[badge], terms, told=self.told()
            )

    def leave(self, _, badge, stays):
        officer = self.house.officers.get(badge)
        if officer is not None:
            type(officer).objects.filter(pk=officer.pk).update(active=stays)
            officer.active = stays


@settings(
    deadline=None,
    max_examples=40,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(happens=st.lists(st.one_of(SCANS, SCANS, SCANS, ACTS), min_size=1, max_size=14))
def test_custody_stays_true(house, happens):
    with transaction.atomic():
        days = Days(house)

        for what, *how in happens:
            days.goes(what, *how)

        assert replayed() == present()
        assert overlaps() == 0
        held = Counter(Custody.objects.filter(closed_at=None).values_list("camera", flat=True))
        assert set(held.values()) <= {1}
        assert_every_event_has_somebody_and_a_place()
        assert_every_scan_that_changed_something_is_one_event(days.answers)
        assert_who_rests_with_a_camera_owns_it()
        transaction.set_rollback(True)
    for officer in house.officers.values():
        officer.active = True


def assert_every_event_has_somebody_and_a_place():
    for event in CustodyEvent.objects.all():
        assert event.by_id
        assert event.at
        assert bool(event.desk_id) == (event.via == "desk")


def assert_every_scan_that_changed_something_is_one_event(answers):
    told = Counter(CustodyEvent.objects.exclude(scan=None).values_list("scan", flat=True))
    assert told == Counter(key for key, result in answers.items() if result in CHANGED)


def assert_who_rests_with_a_camera_owns_it():
    for held in Custody.objects.filter(closed_at=None, kind=CustodyKind.PERSONAL):
        assert Camera.objects.get(pk=held.camera_id).officer_id == held.officer_id
