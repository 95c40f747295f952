"""Who is told what, when; and how it goes out."""

import http.server
import json
import threading
from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.core import mail

from devices.access.models import Quarantined
from devices.alerts import actions, notices, sending
from devices.alerts.actions import InForce, Listener, Span
from devices.alerts.catalogue import CATALOGUE
from devices.alerts.models import Alert, Channel, Notice
from devices.alerts.rules import Terms
from devices.alerts.texts import Background, Standing, Told, Why, notice, totals, turns
from devices.errors import Refused
from devices.health.models import DockHealth
from devices.policy import Policy
from devices.roster.models import Shift, ShiftKind
from tests.rows import a_camera, a_dock, a_station

pytestmark = pytest.mark.django_db

SECOND, MINUTE = timedelta(seconds=1), timedelta(minutes=1)
ZONE = ZoneInfo("America/New_York")
AT = datetime(2030, 1, 1, 10, 58, tzinfo=UTC)


def told(name="C0417", **fields):
    return Told(
        **{
            "many": "docked cameras do not report",
            "name": name,
            "words": f"{name} sits in its dock and does not report.",
            "value": "64 %",
            "limit": "",
            "severity": "minor",
            "began_at": AT,
            "to_do": "Try another bay.",
            "link": f"https://fleet/cameras/{name}/",
            "place": "D03",
            **fields,
        }
    )


def said(why, *alerts, now=AT + 40 * MINUTE, besides=0):
    before = Background(now, ZONE, "https://fleet/alerts/", Standing(calling=3))
    return notice(why, alerts, before=before, besides=besides)


def test_a_notice_says_what_which_since_when_what_to_do_and_where():
    text = said(Why.NEW, told())

    assert text.title == "Minor: C0417 sits in its dock and does not report, since 05:58"
    assert "Since 2030-01-01 05:58" in text.body
    assert "What to do: Try another bay." in text.body
    assert "Wrong now: 3 call for somebody." in text.body
    assert "https://fleet/cameras/C0417/" in text.body
    assert text.body.endswith("\nhttps://fleet/alerts/")


def test_many_at_one_place_are_one_notice_and_each_leads_to_its_own_page():
    text = said(Why.NEW, *(told(f"C{n:04d}") for n in range(30)))

    assert text.title == ("Minor: 30 docked cameras do not report at D03, since 05:58")
    assert "… and 10 more." in text.body
    assert text.body.count("https://fleet/cameras/C") == 20


def test_what_came_after_is_told_with_how_many_there_are_by_now():
    one = said(Why.MORE, told(), besides=8)
    more = said(Why.MORE, told(), told("C0418"), besides=8)

    assert one.title == (
        "Minor, now 9 in all: C0417 sits in its dock and does not report, since 05:58"
    )
    assert more.title == (
        "Minor, now 10 in all: 2 docked cameras do not report at D03, since 05:58"
    )


def test_what_comes_and_goes_is_told_with_its_timeline():
    moments = tuple(AT + n * MINUTE for n in range(6))
    wrong = said(Why.FLAPPING, told(turns=moments[1:]))
    well = said(Why.FLAPPING, told(turns=moments, over_at=moments[-1]))

    assert wrong.title == "Minor, comes and goes: C0417 sits in its dock and does not report"
    assert "Lately wrong 05:59, well 06:00, wrong 06:01, well 06:02, wrong 06:03." in wrong.body
    assert "Lately wrong 05:58, well 05:59," in well.body
    assert [one.wrong for one in turns(moments, wrong_now=False)] == [True, False] * 3


@pytest.mark.parametrize(
    ("why", "begins"),
    [
        (Why.STILL, "Still, for 4 h: C0417"),
        (Why.ESCALATED, "Nobody took it: C0417"),
        (Why.CLEARED, "Over: C0417"),
    ],
)
def test_no_later_notice_looks_like_the_first(why, begins):
    assert said(why, told(), now=AT + timedelta(hours=4)).title.startswith(begins)


@pytest.mark.parametrize(
    ("fields", "against"),
    [
        ({"limit": "80 %"}, "Since 2030-01-01 05:58 (64 %; limit: 80 %)."),
        ({"limit": ""}, "Since 2030-01-01 05:58 (64 %)."),
        ({"value": "", "limit": "30 min"}, "Since 2030-01-01 05:58 (40 min; limit: 30 min)."),
        ({"value": "", "limit": ""}, "Since 2030-01-01 05:58. "),
        (
            {"value": "", "limit": "5 min", "over_at": AT + 7 * MINUTE},
            "Since 2030-01-01 05:58 (7 min; limit: 5 min).",
        ),
    ],
)
def test_a_value_stands_beside_its_limit(fields, against):
    assert against in said(Why.NEW, told(**fields)).body


@pytest.mark.parametrize(
    ("standing", "words"),
    [
        (Standing(), "Nothing is wrong now."),
        (Standing(calling=1), "Wrong now: 1 calls for somebody."),
        (Standing(in_hand=2), "Wrong now: 2 are in hand."),
        (
            Standing(calling=3, in_hand=1, silenced=1),
            "Wrong now: 3 call for somebody, 1 is in hand, 1 is silenced.",
        ),
    ],
)
def test_nothing_is_said_to_be_wrong_only_where_nothing_is(standing, words):
    assert totals(standing) == words


# --- Telling -------------------------------------------------------------------------------


@pytest.fixture
def docks(noon):
    station = a_station()
    made = [a_dock(code, station, bays=1) for code in ("D01", "D02")]
    for dock in made:
        DockHealth.objects.create(dock=dock, hearing="heard", heard_at=noon)
    return made


@pytest.fixture
def chief(noon):
    return actions.add_channel(
        Listener("mail", "chief@example.org", least="minor"), salt="", by=None, now=noon
    )


def look(noon, minute):
    actions.sweep(now=noon + minute * MINUTE)
    return notices.tell(now=noon + minute * MINUTE)


def down(noon, minute=0):
    DockHealth.objects.update(hearing="silent", heard_at=noon + minute * MINUTE)


def up():
    DockHealth.objects.update(hearing="heard")


def titles():
    return [one.title for one in Notice.objects.order_by("pk")]


def test_what_happens_together_is_told_together_once(docks, chief, noon):
    down(noon)

    assert look(noon, 6) == 0  # it waits for what else there is
    assert look(noon, 7) == 1
    assert look(noon, 8) == 0

    assert titles() == ["Major: 2 docks do not report at Headquarters, since 07:00"]


def test_what_nobody_takes_is_escalated_once_and_what_goes_on_is_told_again(docks, chief, noon):
    down(noon)
    for minute in (6, 7, 21, 22, 30, 246, 247, 248):
        look(noon, minute)

    assert [one.split(":")[0] for one in titles()] == [
        "Major",
        "Nobody took it",
        "Still, for 4 h",
    ]


def test_docks_behind_one_switch_are_two_notices_and_one_of_their_end(chief, noon):
    station = a_station()
    rows = [
        DockHealth.objects.create(dock=a_dock(f"D{n:02d}", station, bays=1), hearing="heard")
        for n in range(18)
    ]
    for n, row in enumerate(rows):
        row.heard_at = noon + n * 3.5 * SECOND
        row.save()

    other = a_dock("D99", station, bays=1)
    DockHealth.objects.create(dock=other, hearing="heard", heard_at=noon)

    def live(begin, end, hearing_of):
        for second in range(begin, end, 10):
            moment = noon + second * SECOND
            for n, row in enumerate(rows):
                if row.hearing != (hearing := hearing_of(n, moment)):
                    row.hearing = hearing
                    row.save()
            actions.sweep(now=moment)
            notices.tell(now=moment)

    live(300, 1000, lambda n, at: "silent" if at >= rows[n].heard_at + 5 * MINUTE else "heard")
    assert titles() == [
        "Major: 9 docks do not report at Headquarters, since 07:00",
        "Major, now 18 in all: 9 docks do not report at Headquarters, since 07:00",
    ]

    live(1000, 1600, lambda n, at: "heard" if at >= noon + (1000 + 3 * n) * SECOND else "silent")
    assert titles()[2:] == ["Over: 18 docks do not report at Headquarters (since 07:00)"]


@pytest.fixture
def hasty(docks, chief, noon):
    """The first dock calls at the first look, and is well at the first that is."""
    rule, terms = CATALOGUE["dock_silent"], Terms("critical", timedelta(), timedelta())
    actions.change_rule(InForce(rule, terms, None), reason="Test", by=None, now=noon)
    return DockHealth.objects.filter(dock=docks[0])


def flips(hasty, noon, minutes):
    for minute in minutes:
        hasty.update(hearing="heard" if minute % 2 else "silent")
        look(noon, minute)


def test_what_comes_and_goes_is_told_once_and_escalated_while_it_is_bad(hasty, noon):
    flips(hasty, noon, range(12))
    (first,) = titles()
    assert first == "Critical, comes and goes: Dock D01 does not report"
    assert "Lately wrong 07:00, well 07:01, wrong 07:02" in Notice.objects.get().body

    hasty.update(hearing="silent")
    for minute in range(12, 100, 4):
        look(noon, minute)

    assert titles()[1:] == ["Nobody took it: Dock D01 does not report, since 07:11"]


def test_what_comes_and_goes_is_over_when_it_has_long_been_quiet(hasty, noon):
    flips(hasty, noon, range(12))
    for minute in range(12, 80, 4):
        look(noon, minute)

    assert titles()[1:] == ["Over: Dock D01 does not report (since 07:09)"]


def test_whoever_has_it_in_hand_has_it_however_often_it_comes_and_goes(hasty, noon):
    flips(hasty, noon, range(12))
    actions.acknowledge(Alert.objects.all(), note="", by=None, now=noon + 11.5 * MINUTE)
    flips(hasty, noon, range(12, 40))

    assert len(titles()) == 1
    assert Alert.objects.get().acknowledged_at == noon + 11.5 * MINUTE

    for minute in range(40, 110, 5):
        look(noon, minute)
    assert Alert.objects.get().resolved_at


def test_what_comes_and_goes_calls_and_can_be_silenced_though_it_is_well_just_now(hasty, noon):
    flips(hasty, noon, range(6))
    alert = Alert.objects.get()
    assert not alert.firing
    assert alert in Alert.objects.calling()
    assert alert.calling

    until = noon + 60 * MINUTE
    actions.silence(alert, until=until, reason="Cable", by=None, now=noon + 6 * MINUTE)

    flips(hasty, noon, range(6, 20))
    assert titles() == []


def test_a_notice_counts_what_is_in_hand_or_silenced_too(docks, chief, noon):
    down(noon)
    for minute in (6, 7):
        look(noon, minute)
    first, second = Alert.objects.order_by("pk")
    actions.acknowledge([first], note="", by=None, now=noon + 8 * MINUTE)
    actions.silence(
        second, until=noon + 90 * MINUTE, reason="Known", by=None, now=noon + 8 * MINUTE
    )
    a_camera(7, docks[0].station, noon, health={"offload": "failed", "clips_waiting": 2})
    for minute in (10, 71, 72):
        look(noon, minute)

    body = Notice.objects.order_by("-pk")[0].body
    assert "Wrong now: 1 calls for somebody, 1 is in hand, 1 is silenced." in body


def test_what_is_acknowledged_is_not_escalated(docks, chief, noon):
    down(noon)
    for minute in (6, 7):
        look(noon, minute)
    actions.acknowledge(Alert.objects.all(), note="", by=None, now=noon + 8 * MINUTE)
    for minute in (22, 23, 300):
        look(noon, minute)

    assert len(titles()) == 1


def test_who_was_told_of_the_beginning_is_told_of_the_end(docks, chief, noon):
    down(noon)
    for minute in (6, 7):
        look(noon, minute)
    up()
    for minute in (8, 10, 11, 14):
        look(noon, minute)
    assert len(titles()) == 1  # what else ends within five minutes is told with it

    for minute in (15, 16):
        look(noon, minute)
    assert titles()[1:] == ["Over: 2 docks do not report at Headquarters (since 07:00)"]


def test_what_is_wrong_again_is_not_said_to_be_over(chief, noon):
    dock = a_dock("D03", a_station(), bays=1)
    strangers = [
        Quarantined(kind="unknown_serial", serial=serial, dock=dock, first_at=at, last_at=at)
        for serial, at in (("X1", noon), ("X2", noon + 4 * MINUTE))
    ]
    strangers[0].save()
    for minute in (0, 1):
        look(noon, minute)
    actions.acknowledge(Alert.objects.all(), note="", by=None, now=noon + MINUTE)
    Quarantined.objects.update(settled_at=noon + 2 * MINUTE)
    look(noon, 2)
    strangers[1].save()
    for minute in (4, 5, 7, 8):
        look(noon, minute)

    assert Alert.objects.count() == 2
    assert not [one for one in titles() if one.startswith("Over")]

    Quarantined.objects.update(settled_at=noon + 9 * MINUTE)
    for minute in (9, 14, 15):
        look(noon, minute)
    over = [one for one in titles() if one.startswith("Over")]
    assert over == ["Over: 1 serial number spoke at D03, not believed (since 07:04)"]


def test_an_end_is_told_though_it_was_wrong_again_for_a_moment_that_nobody_heard_of(chief, noon):
    dock = a_dock("D03", a_station(), bays=1)
    same = {"kind": "unknown_serial", "dock": dock}
    Quarantined.objects.create(serial="X1", first_at=noon, last_at=noon, **same)
    for minute in (0, 1):
        look(noon, minute)
    actions.acknowledge(Alert.objects.all(), note="", by=None, now=noon + MINUTE)
    Quarantined.objects.update(settled_at=noon + 2 * MINUTE)
    look(noon, 2)
    again = noon + 3 * MINUTE
    Quarantined.objects.create(serial="X2", first_at=again, last_at=again, **same)
    look(noon, 3)
    Quarantined.objects.update(settled_at=again + 5 * SECOND)
    for minute in (3.1, 8, 9, 15):
        look(noon, minute)

    assert Alert.objects.count() == 2
    assert len([one for one in titles() if one.startswith("Over")]) == 1


def test_what_was_over_before_anybody_was_told_is_told_to_nobody(docks, chief, noon):
    down(noon)
    actions.sweep(now=noon + 6 * MINUTE)
    up()
    for minute in (7, 10, 11):
        actions.sweep(now=noon + minute * MINUTE)
    notices.tell(now=noon + 12 * MINUTE)

    assert titles() == []


def test_maintenance_tells_nobody_and_what_is_still_wrong_at_its_end_is_told_once(
    docks, chief, noon
):
    station = docks[0].station
    span = Span(noon, noon + 30 * MINUTE)
    actions.maintain(station, None, span, reason="New switch", by=None, now=noon)
    down(noon)
    for minute in (6, 7, 29):
        look(noon, minute)
    assert titles() == []

    for minute in (31, 32, 33):
        look(noon, minute)
    assert len(titles()) == 1


def test_each_channel_hears_of_its_station_and_gravity_only(docks, noon):
    elsewhere = a_station("N", "North")
    for listener in (
        Listener("mail", "critical@example.org", least="critical"),
        Listener("mail", "north@example.org", station=elsewhere),
        Listener("mail", "late@example.org", escalations_only=True),
        Listener("mail", "here@example.org", station=docks[0].station),
    ):
        actions.add_channel(listener, salt="", by=None, now=noon)
    down(noon)
    for minute in (6, 7, 22, 23):
        look(noon, minute)

    told = Notice.objects.order_by("pk").values_list("channel__address", "title")
    assert [(to.split("@")[0], title.split(":")[0]) for to, title in told] == [
        ("here", "Major"),
        ("here", "Nobody took it"),
        ("late", "Nobody took it"),
    ]


def test_what_is_of_no_station_is_told_to_every_stations_channels(docks, noon):
    for listener in (
        Listener("mail", "here@example.org", station=docks[0].station),
        Listener("mail", "north@example.org", station=a_station("N", "North")),
    ):
        actions.add_channel(listener, salt="", by=None, now=noon)
    an_epidemic(noon)

    notices.tell(now=noon + MINUTE)

    told = Notice.objects.values_list("channel__address", flat=True)
    assert sorted(told) == ["here@example.org", "north@example.org"]


def an_epidemic(noon):
    moments = {"began_at": noon, "fired_at": noon, "seen_at": noon}
    words = {"name": "Example R2", "words": "3 cameras of model Example R2 lost much."}
    Alert.objects.create(
        rule="battery_drop", subject="model:1", severity="major", **words, **moments
    )


def test_the_same_address_is_not_told_twice(chief, noon):
    with pytest.raises(Refused, match="already"):
        actions.add_channel(Listener("mail", "chief@example.org"), salt="", by=None, now=noon)


def test_a_shift_is_summed_up_once_for_those_who_asked(docks, chief, noon):
    station = docks[0].station
    Shift.objects.create(
        station=station,
        kind=ShiftKind.objects.create(code="day", name="Day", begins=time(7), ends=time(15)),
        on=noon.date(),
        begins_at=noon - timedelta(hours=5),
        ends_at=noon + 10 * MINUTE,
    )
    actions.add_channel(
        Listener("mail", "sum@example.org", digest=True, escalations_only=True),
        salt="",
        by=None,
        now=noon,
    )
    down(noon)
    actions.sweep(now=noon + 6 * MINUTE)
    an_epidemic(noon)

    assert notices.sum_up(now=noon + 9 * MINUTE, policy=Policy()) == 0
    for minute in (10, 11, 12):
        notices.sum_up(now=noon + minute * MINUTE, policy=Policy())

    summary = Notice.objects.get()
    assert summary.title == "Day of Tue 1 Jan at Headquarters: 3 alerts"
    assert "Dock D01 does not report." in summary.body
    assert "3 cameras of model Example R2 lost much." in summary.body
    assert "Wrong at this station now: 3 call for somebody." in summary.body
    assert summary.channel.address == "sum@example.org"


# --- Sending -------------------------------------------------------------------------------


def a_notice(channel, noon):
    return Notice.objects.create(
        channel=channel, once="1", title="Minor: C0417", body="It is.", made_at=noon, due_at=noon
    )


def test_a_mail_goes_out_once(chief, noon):
    a_notice(chief, noon)

    assert sending.send_due(now=noon) == 1
    assert sending.send_due(now=noon + MINUTE) == 0

    assert [(one.subject, one.to) for one in mail.outbox] == [
        ("Minor: C0417", ["chief@example.org"])
    ]


def test_a_notice_whose_sender_died_is_sent_later(chief, noon):
    a_notice(chief, noon)
    actions.claim_notices(1, now=noon, pause=sending.FIRST_PAUSE)

    assert sending.send_due(now=noon) == 0
    assert sending.send_due(now=noon + sending.FIRST_PAUSE) == 1


def test_a_mail_server_that_is_down_is_tried_again_and_given_up_in_the_end(chief, noon, settings):
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", 1
    row = a_notice(chief, noon)

    for hour in range(10):
        sending.send_due(now=noon + timedelta(hours=hour))
    row.refresh_from_db()

    assert (row.sent_at, row.tries) == (None, sending.MOST_TRIES)
    assert row.given_up_at
    assert row.fault == "The mail server did not take it: ConnectionRefusedError."


@pytest.mark.parametrize(
    "host",
    [
        "127.0.0.1", "localhost", "10.0.0.5", "192.168.1.1", "172.16.0.1", "169.254.169.254",
        "::1", "::ffff:127.0.0.1", "fd00::1", "0.0.0.0", "224.0.0.1", "100.64.0.1",
    ],
)  # fmt: skip
def test_a_webhook_reaches_no_machine_of_our_own_network(host):
    with pytest.raises(sending.NotSent, match="private network"):
        sending.reachable(host, 443)


@pytest.mark.parametrize(
    ("kind", "address"),
    [
        ("mail", "nobody"),
        ("mail", "a@b\nBcc: c@d.org"),
        ("webhook", "http://example.org/"),
        ("webhook", "https:///x"),
        ("webhook", "https://user:secret@example.org/"),
        ("webhook", "https://example.org:99999/"),
        ("webhook", "file:///etc/passwd"),
    ],
)
def test_an_address_that_cannot_be_one_is_refused(kind, address):
    with pytest.raises(Refused):
        sending.checked_address(kind, address)


def test_a_webhook_in_a_private_network_is_not_called(noon):
    called = threading.Event()

    class Listening(http.server.BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            called.set()

    with http.server.HTTPServer(("127.0.0.1", 0), Listening) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        channel = Channel.objects.create(
            kind="webhook", address=f"https://127.0.0.1:{server.server_port}/", made_at=noon
        )
        row = a_notice(channel, noon)
        sending.send_due(now=noon)
        server.shutdown()

    row.refresh_from_db()
    assert not called.is_set()
    assert "private network" in row.fault


def test_a_channels_key_is_not_in_the_database(noon):
    salt = sending.new_salt()
    channel = actions.add_channel(
        Listener("webhook", "https://example.org/hook"), salt=salt, by=None, now=noon
    )

    stored = json.dumps(list(Channel.objects.values()), default=str)

    assert sending.key(channel.salt) not in stored
    assert sending.signature(channel, b"x") != sending.signature(channel, b"y")
