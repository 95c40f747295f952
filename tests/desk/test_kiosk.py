"""A kiosk: an officer helps themselves, by the same judgement as at a desk, and by nothing more."""

from datetime import timedelta
from uuid import UUID, uuid4

import pytest

from devices import ledger
from devices.alerts.actions import sweep
from devices.alerts.models import Alert
from devices.custody.models import Custody, CustodyEvent, Desk, DeskKind
from devices.desk.asking import KeyUsed
from devices.desk.cards import CARDS
from devices.desk.kiosk import actions, rules
from devices.desk.kiosk.models import KioskPin, KioskVisit
from devices.desk.models import DeskRequest
from devices.errors import Refused
from devices.health.models import CameraHealth
from devices.inventory.models import Camera, Officer
from devices.ledger import LedgerEntry
from devices.policy import Policy
from devices.roles import Role
from tests.desk.conftest import POLICY
from tests.racing import while_waiting
from tests.rows import person

WITH_PIN = Policy(kiosk_pin_digits=4)
PIN = "2580"


class Kiosk:
    """Scans as a kiosk sends them, one after the other."""

    def __init__(self, desk, now, policy=POLICY):
        self.desk, self.now, self.policy = desk, now, policy

    def scan(self, raw, *, after_s=11, key=None):
        self.now += timedelta(seconds=after_s)
        event_id = key or uuid4()
        return actions.scan(self.desk, event_id, raw, now=self.now, policy=self.policy)

    def pin(self, shown, pin, *, after_s=2):
        self.now += timedelta(seconds=after_s)
        return actions.prove(self.desk, UUID(shown.scan), pin, now=self.now)

    def hears(self, camera, *, after_s):
        """The dock's word that the camera left its bay comes so much later."""
        self.now += timedelta(seconds=after_s)
        camera.health.docked, camera.health.bay = False, None
        camera.health.save()
        actions.settle(self.desk, now=self.now, policy=self.policy)


@pytest.fixture
def kiosk(house, noon):
    house.station.pool = True
    house.station.save()
    desk = Desk.objects.create(station=house.station, name="Kiosk 1", kind=DeskKind.KIOSK)
    return Kiosk(desk, noon)


def give_pin(house, badge, now, pin=PIN):
    officer = house.officers[badge]
    actions.set_pin(officer, pin, by=house.desk.by, now=now, policy=WITH_PIN)


def test_a_badge_is_told_which_camera_to_take_and_where(kiosk):
    shown = kiosk.scan("1031")

    assert (shown.result, shown.says) == ("take", "Take C0531 from D01-2.")
    assert (shown.place.dock, shown.place.bay, shown.place.bays) == ("D01", 2, 8)
    assert not Custody.objects.filter(kind="shift").exists()


def test_the_camera_is_asked_to_show_itself(house, kiosk):
    kiosk.scan("1031")

    house.spares[0].health.refresh_from_db()
    assert house.spares[0].health.locate_asked_at == kiosk.now


def test_scanning_the_camera_takes_it(house, kiosk):
    kiosk.scan("1031")

    shown = kiosk.scan(house.spares[0].label, after_s=3)

    assert (shown.result, shown.says) == ("issued", "You have C0531.")
    assert house.holder(house.spares[0]) == "1031"


def test_any_other_ready_camera_is_given_as_well(house, kiosk):
    kiosk.scan("1031")

    assert kiosk.scan(house.spares[2].label, after_s=3).result == "issued"
    assert not KioskVisit.objects.offering(kiosk.now).exists()


def test_leaving_its_bay_takes_it(house, kiosk):
    shown = kiosk.scan("1031")

    kiosk.hears(house.spares[0], after_s=50)

    assert house.holder(house.spares[0]) == "1031"
    visit = KioskVisit.objects.get(pk=shown.scan)
    assert visit.settled_at == kiosk.now


def test_leaving_its_bay_later_than_the_offer_is_nothing(house, kiosk):
    kiosk.scan("1031")
    before = LedgerEntry.objects.count()

    kiosk.hears(house.spares[0], after_s=61)

    assert house.holder(house.spares[0]) == ""
    assert not CustodyEvent.objects.filter(verb="checked_out").exists()
    assert LedgerEntry.objects.count() == before


def test_that_it_left_its_bay_is_believed_once(house, kiosk):
    kiosk.scan("1031")
    kiosk.hears(house.spares[0], after_s=20)

    kiosk.hears(house.spares[0], after_s=5)

    assert CustodyEvent.objects.filter(verb="checked_out").count() == 1


@pytest.mark.django_db(transaction=True)
def test_two_that_left_and_a_clerk_who_has_the_second_in_hand_do_not_wait_for_each_other(
    house, kiosk
):
    for badge in ("1031", "1044"):
        kiosk.scan(badge)
    first, second = house.spares[:2]
    CameraHealth.objects.filter(camera__in=(first, second)).update(docked=False, bay=None)
    now = kiosk.now + timedelta(seconds=20)

    while_waiting(
        lambda: Camera.objects.select_for_update(no_key=True).get(pk=second.pk),
        lambda: actions.settle(kiosk.desk, now=now, policy=POLICY),
        lambda: ledger.record("looked at", second, by=house.desk.by, now=now),
    )

    assert [house.holder(one) for one in (first, second)] == ["1031", "1044"]
    assert not KioskVisit.objects.offering(now).exists()


def test_another_camera_that_leaves_is_not_theirs(house, kiosk):
    kiosk.scan("1031")

    kiosk.hears(house.spares[1], after_s=20)

    assert house.holder(house.spares[1]) == ""


def test_it_may_be_scanned_after_the_screen_was_cleared(house, kiosk):
    kiosk.scan("1031")

    assert kiosk.scan(house.spares[0].label, after_s=40).result == "issued"
    assert house.holder(house.spares[0]) == "1031"


def test_the_screen_forgets_who_stood_there(house, kiosk):
    kiosk.scan("1031")

    shown = kiosk.scan(house.spares[3].label, after_s=11)

    assert shown.says == "C0534 is in: scan your badge to take it."


def test_who_comes_next_is_not_offered_what_the_last_one_walks_to(kiosk):
    first = kiosk.scan("1031")
    second = kiosk.scan("1044", after_s=5)

    assert (first.camera, second.camera) == ("C0531", "C0532")


def test_who_comes_next_does_not_lose_it_for_the_last_one(house, kiosk):
    kiosk.scan("1031")
    kiosk.scan("1044", after_s=5)

    kiosk.hears(house.spares[0], after_s=5)
    kiosk.hears(house.spares[1], after_s=5)

    assert [house.holder(one) for one in house.spares[:2]] == ["1031", "1044"]


def test_the_same_badge_again_is_offered_the_same(kiosk):
    first = kiosk.scan("1031")

    assert kiosk.scan("1031", after_s=20).camera == first.camera


def test_an_officer_with_a_ready_camera_of_their_own_takes_that(house, kiosk):
    shown = kiosk.scan("1017")
    assert shown.camera == "C0417"

    kiosk.hears(house.own, after_s=20)

    assert CustodyEvent.objects.get(verb="taken").camera == house.own
    assert house.holder(house.own) == "1017"


def test_who_has_a_camera_is_told_how_to_give_it_back(house, kiosk, lend):
    lend(house.spares[0], "1031")

    shown = kiosk.scan("1031")

    assert shown.says == "You have C0531. To give it back, put it in a bay or scan it."
    assert shown.place is None


def test_scanning_a_camera_gives_it_back_and_names_nobody(house, kiosk, lend):
    lend(house.spares[0], "1031")

    shown = kiosk.scan(house.spares[0].label)

    assert (shown.result, shown.says) == ("returned", "C0531 is back. Put it in a bay.")
    assert house.holder(house.spares[0]) == ""


def test_a_scan_that_bounces_does_not_give_back_what_it_gave(house, kiosk):
    kiosk.scan("1031")
    kiosk.scan(house.spares[0].label, after_s=2)

    assert kiosk.scan(house.spares[0].label, after_s=1).result == "repeat"
    assert house.holder(house.spares[0]) == "1031"


def test_camera_first_then_badge_is_as_good(house, kiosk):
    kiosk.scan(house.spares[1].label)

    assert kiosk.scan("1031", after_s=3).result == "issued"


def test_when_no_camera_is_ready_it_says_so(house, kiosk):
    for one in house.spares:
        one.health.battery_percent = 3
        one.health.save()

    shown = kiosk.scan("1031")

    assert (shown.result, shown.says) == ("refused", "No camera is ready: see the quartermaster.")


def test_what_others_have_is_not_said(house, kiosk, lend):
    lend(house.spares[0], "1044")
    kiosk.scan("1031")

    shown = kiosk.scan(house.spares[0].label, after_s=2)

    assert "1044" not in shown.says
    assert shown.says == "C0531 is not for you to take here: see the quartermaster."
    assert house.holder(house.spares[0]) == "1044"


@pytest.mark.parametrize("change", [{"active": False}, {"suspended_because": "Inquiry"}])
def test_who_has_left_or_is_suspended_gets_none(house, kiosk, change):
    Officer.objects.filter(badge_number="1031").update(**change)

    shown = kiosk.scan("1031")

    assert shown.says == "This badge gets no camera here: see the quartermaster."
    assert not KioskVisit.objects.exists()


@pytest.mark.parametrize("card", CARDS, ids=lambda card: card.word)
def test_no_card_goes_round_a_rule(house, kiosk, lend, card):
    lend(house.spares[0], "1044")
    kiosk.scan("1031")
    kiosk.scan(house.spares[0].label, after_s=2)
    before = CustodyEvent.objects.count()

    shown = kiosk.scan(card.code, after_s=2)

    said = "" if card.word == "CANCEL" else "That is done at the desk: see the quartermaster."
    assert shown.says == said
    assert kiosk.scan(house.spares[3].label, after_s=2).result == "held"
    assert CustodyEvent.objects.count() == before


def test_the_cancel_card_takes_the_offer_back(house, kiosk):
    cancel = next(card for card in CARDS if card.word == "CANCEL")
    kiosk.scan("1031")
    kiosk.scan(cancel.code, after_s=2)

    kiosk.hears(house.spares[0], after_s=20)

    assert house.holder(house.spares[0]) == ""


def test_an_unready_camera_is_not_overridden(house, kiosk):
    house.spares[0].health.battery_percent = 5
    house.spares[0].health.save()
    kiosk.scan("1031")

    shown = kiosk.scan(house.spares[0].label, after_s=2)

    assert shown.says.startswith("C0531 is not ready: take another one")
    assert house.holder(house.spares[0]) == ""


def test_a_second_camera_is_refused(house, kiosk, lend):
    lend(house.spares[0], "1031")
    kiosk.scan("1031")

    assert kiosk.scan(house.spares[1].label, after_s=2).says.startswith("You have a camera already")


@pytest.mark.parametrize("raw", ["C0531", "531", "nonsense", "\x00", "9" * 120, "é"])
def test_what_is_no_code_of_ours_changes_nothing(house, kiosk, raw):
    shown = kiosk.scan(raw)

    assert shown.says == "Not a badge or a camera of ours: scan it again."
    assert kiosk.scan("1031").result == "take"


def test_the_act_is_the_kiosks_and_the_officers_where_they_sign_in(house, kiosk):
    user = person(Role.OFFICER, house.station, officer=house.officers["1044"])
    for badge, spare in (("1031", house.spares[0]), ("1044", house.spares[1])):
        kiosk.scan(badge)
        kiosk.scan(spare.label, after_s=2)

    told = CustodyEvent.objects.filter(verb="checked_out").order_by("id")
    assert [(one.via, one.desk, one.by) for one in told] == [
        ("kiosk", kiosk.desk, None),
        ("kiosk", kiosk.desk, user),
    ]
    assert LedgerEntry.objects.latest("seq").facts["desk"] == "Kiosk 1"


def test_the_same_scan_again_is_answered_the_same_and_does_nothing(house, kiosk):
    keys = [uuid4(), uuid4()]
    first = kiosk.scan("1031", key=keys[0])
    second = kiosk.scan(house.spares[0].label, after_s=2, key=keys[1])

    assert kiosk.scan(house.spares[0].label, after_s=1, key=keys[1]) == second
    assert kiosk.scan("1031", after_s=1, key=keys[0]).scan == first.scan
    assert DeskRequest.objects.count() == 2
    with pytest.raises(KeyUsed):
        kiosk.scan("1044", key=keys[0])


class TestPins:
    @pytest.fixture(autouse=True)
    def _with_a_pin(self, house, kiosk, noon):
        kiosk.policy = WITH_PIN
        give_pin(house, "1031", noon)

    def test_a_badge_is_asked_for_its_pin_before_anything_is_offered(self, kiosk):
        shown = kiosk.scan("1031")

        assert (shown.result, shown.says, shown.camera) == ("pin", "Type your PIN.", None)
        assert not KioskVisit.objects.offering(kiosk.now).exists()

    def test_the_right_one_is_offered_a_camera(self, house, kiosk):
        shown = kiosk.pin(kiosk.scan("1031"), PIN)

        assert (shown.result, shown.camera) == ("take", "C0531")
        kiosk.hears(house.spares[0], after_s=20)
        assert house.holder(house.spares[0]) == "1031"

    def test_the_right_one_typed_again_is_answered_the_same(self, kiosk):
        shown = kiosk.scan("1031")

        assert kiosk.pin(shown, PIN) == kiosk.pin(shown, PIN)

    def test_without_it_no_camera_goes_out(self, house, kiosk):
        kiosk.scan("1031")
        kiosk.scan(house.spares[0].label, after_s=2)
        kiosk.scan("1031", after_s=2)

        assert house.holder(house.spares[0]) == ""

    def test_giving_back_asks_for_none(self, house, kiosk, lend):
        lend(house.spares[0], "1031")

        assert kiosk.scan(house.spares[0].label).result == "returned"

    def test_who_has_none_is_sent_to_the_quartermaster(self, kiosk):
        assert kiosk.scan("1044").says == "You have no PIN yet: see the quartermaster."

    def test_a_late_one_is_for_nobody(self, kiosk):
        shown = kiosk.pin(kiosk.scan("1031"), PIN, after_s=31)

        assert shown.says == "Scan your badge again."

    def test_a_wrong_one_says_how_many_tries_are_left(self, kiosk):
        shown = kiosk.scan("1031")

        said = [kiosk.pin(shown, "0000").says for _ in range(4)]

        assert said[0] == "That PIN is wrong: 4 tries left."
        assert said[3] == "That PIN is wrong: one try left."

    def test_the_fifth_locks_it_for_a_quarter_of_an_hour_and_the_desk_is_told(self, kiosk):
        for _ in range(5):
            shown = kiosk.pin(kiosk.scan("1031"), "0000")

        assert shown.says.startswith("Your PIN is locked until")
        assert kiosk.pin(kiosk.scan("1031"), PIN).result == "refused"
        sweep(now=kiosk.now)
        alert = Alert.objects.get(rule="pin_locked")
        assert alert.words == "A PIN was typed wrong five times at Kiosk 1."
        assert LedgerEntry.objects.filter(verb="kiosk PIN locked").exists()
        kiosk.now += rules.LOCKED_FOR
        kiosk.pin(kiosk.scan("1031"), PIN)
        assert KioskVisit.objects.filter(proven_at__isnull=False).exists()
        sweep(now=kiosk.now)
        alert.refresh_from_db()
        assert alert.cleared_at is not None

    def test_wrong_ones_of_long_ago_do_not_count(self, kiosk):
        for _ in range(4):
            kiosk.pin(kiosk.scan("1031"), "0000")
        kiosk.now += rules.LOCKED_FOR

        assert kiosk.pin(kiosk.scan("1031"), "0000").result == "pin"

    def test_a_new_one_ends_the_lock(self, house, kiosk):
        for _ in range(5):
            kiosk.pin(kiosk.scan("1031"), "0000")

        give_pin(house, "1031", kiosk.now, "1379")

        assert kiosk.pin(kiosk.scan("1031"), "1379").result == "take"

    @pytest.mark.parametrize("pin", ["", "123", "1111", "12a4", "١٢٣٤", "123456789", " 1234"])
    def test_what_is_no_pin_is_refused(self, house, noon, pin):
        with pytest.raises(Refused, match="4 to 8 digits"):
            give_pin(house, "1044", noon, pin)

        assert not KioskPin.objects.filter(officer=house.officers["1044"]).exists()

    def test_it_is_kept_as_an_argon2_hash(self, house):
        kept = KioskPin.objects.get(officer=house.officers["1031"]).digest

        assert kept.startswith("argon2")
        assert PIN not in kept


def test_a_kiosk_at_rest_costs_one_query(kiosk, django_assert_num_queries):
    with django_assert_num_queries(1):
        actions.settle(kiosk.desk, now=kiosk.now, policy=POLICY)
