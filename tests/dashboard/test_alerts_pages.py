"""The pages of alerts: what calls first, who may answer, and rules that are looked at before."""

import re
from datetime import timedelta

import pytest
from django.utils.timezone import now

from dashboard.alert_lists import MOST_SHOWN
from devices.alerts import actions
from devices.alerts.models import Alert, Channel, Quiet, RuleChange
from devices.health.models import CameraHealth, DockHealth
from devices.ledger import LedgerEntry
from devices.roles import Role
from tests.rows import a_camera, a_dock, a_station, an_alert, looked, person

pytestmark = pytest.mark.django_db


@pytest.fixture
def stations():
    return a_station(), a_station("N", "North")


@pytest.fixture
def alerts(stations):
    """A silent dock at each of two stations, and one camera whose clock is wrong."""
    at = now()
    for code, station in zip(("D01", "N01"), stations, strict=True):
        dock = a_dock(code, station, bays=2)
        DockHealth.objects.create(dock=dock, hearing="silent", heard_at=at - timedelta(minutes=31))
    a_camera(7, stations[0], at, health={"offload": "failed", "clips_waiting": 2})
    actions.sweep(now=at - timedelta(hours=2))
    actions.sweep(now=at)
    return {one.name: one for one in Alert.objects.all()}


def sign_in(client, role, *stations):
    user = person(role, *stations)
    client.force_login(user)
    return user


def test_the_page_says_first_what_calls(client, stations, alerts):
    sign_in(client, Role.COMMANDER, *stations)

    said = client.get("/alerts/").content.decode()

    assert "3 things call for somebody: Dock D01 does not report." in said
    assert "Recordings do not come off C0007: 2 clips wait." in said
    assert 'href="/cameras/7/"' in said


def test_what_nobody_took_stands_first_and_says_so(client, stations, alerts):
    an_alert("fault_critical", "C0009", "critical", station=stations[0])
    Alert.objects.filter(name="C0007").update(escalated_at=now())
    sign_in(client, Role.COMMANDER, *stations)

    said = client.get("/alerts/").content.decode()

    assert "for somebody: Recordings do not come off C0007" in said
    assert said.count("nobody took it for 15 min") == 1

    client.post("/alerts/acknowledge/", {"alert": alerts["C0007"].pk})

    said = client.get("/alerts/").content.decode()
    assert "nobody took it" not in said
    assert "for somebody: words of an officer" in said


@pytest.mark.parametrize("address", ["/alerts/", "/alerts/now/"])
def test_while_nobody_looks_nothing_is_said_to_be_quiet(client, stations, address):
    sign_in(client, Role.COMMANDER, *stations)
    told = {}

    for when, at in (
        ("never", None),
        ("now", now()),
        ("long ago", now() - timedelta(minutes=3)),
    ):
        if at:
            looked(at)
        told[when] = client.get(address).content.decode()

    assert "NOT YET LOOKED AT" in told["never"]
    assert re.search(r"NOT LOOKED AT since \d\d:\d\d", told["long ago"])
    for when, said in told.items():
        assert ("Nothing calls for anybody." in said) == (when == "now")
        assert ("All quiet." in said) == (when == "now")
        assert ("LOOKED AT" in said) == (when != "now")


def test_what_comes_and_goes_stays_where_it_calls_and_shows_its_timeline(client, stations):
    at = now()
    turns = [at - timedelta(minutes=n) for n in range(6, 0, -1)]
    an_alert(
        "dock_silent", "D01", station=stations[0], flapping=True, turns=turns, cleared_at=turns[-1]
    )
    sign_in(client, Role.COMMANDER, *stations)

    said = client.get("/alerts/").content.decode()

    assert "1 thing calls for somebody" in said
    timeline = said.partition('aria-label="How D01 came and went')[2].partition("</ol>")[0]
    shown = [word for word in re.split(r"[^a-z]+", timeline) if word in ("wrong", "well")]
    assert shown == ["wrong", "well"] * 3


def test_people_see_the_alerts_of_their_stations_only(client, stations, alerts):
    sign_in(client, Role.QUARTERMASTER, stations[1])

    said = client.get("/alerts/").content.decode()

    assert "N01" in said
    assert "D01" not in said


def test_an_alert_of_another_station_does_not_exist(client, stations, alerts):
    sign_in(client, Role.QUARTERMASTER, stations[1])

    answer = client.post("/alerts/acknowledge/", {"alert": alerts["D01"].pk})

    assert answer.status_code == 404
    assert Alert.objects.filter(acknowledged_at=None).count() == 3


@pytest.mark.parametrize("role", [Role.OFFICER, Role.ADMINISTRATOR, None])
def test_others_have_no_page_and_no_bell(client, stations, alerts, role):
    sign_in(client, role, *stations)

    assert client.get("/alerts/").status_code == 403
    assert b'id="bell"' not in client.get("/me/").content


def test_an_auditor_reads_and_does_not_answer(client, stations, alerts):
    sign_in(client, Role.AUDITOR)

    said = client.get("/alerts/").content.decode()

    assert "D01" in said
    assert "I have it" not in said
    assert client.post("/alerts/acknowledge/", {"alert": alerts["D01"].pk}).status_code == 403


def test_an_alert_leads_only_where_its_reader_may_go(client, stations):
    here = {"station": stations[0], "address": "/desk/conflicts/"}
    an_alert("desk_conflict", "C0533", **here)
    an_alert("camera_silent", "C0417", **here | {"address": "/cameras/417/"})
    links = {}

    for role in (Role.QUARTERMASTER, Role.IT):
        client.force_login(person(role, *stations, name=role.value))
        page = client.get("/alerts/").content.decode()
        links[role] = ['href="/desk/conflicts/"' in page, 'href="/cameras/417/"' in page]
        assert "C0533" in page

    assert links == {Role.QUARTERMASTER: [True, True], Role.IT: [False, True]}


def test_somebody_takes_several_alerts_in_hand_at_once(client, stations, alerts):
    user = sign_in(client, Role.COMMANDER, *stations)
    ids = [alerts["D01"].pk, alerts["C0007"].pk]

    client.post("/alerts/acknowledge/", {"alert": ids, "note": "Switch"}, follow=True)

    taken = Alert.objects.filter(acknowledged_by=user)
    assert {one.pk for one in taken} == set(ids)
    assert "1 thing calls" in client.get("/alerts/").content.decode()


def in_hand(client):
    """What the page says of what is in hand or silenced."""
    page = client.get("/alerts/").content.decode()
    return page.partition("In hand or silenced")[2].partition("</section>")[0]


def test_at_shift_change_somebody_takes_over_what_is_in_anothers_hand(client, stations, alerts):
    evening = sign_in(client, Role.COMMANDER, *stations)
    words = {"alert": alerts["D01"].pk, "note": "Switch"}
    client.post("/alerts/acknowledge/", words)
    assert "Take over" not in in_hand(client)
    night = person(Role.QUARTERMASTER, *stations)
    client.force_login(night)
    assert "Take over" in in_hand(client)
    assert "I have it" not in in_hand(client)

    page = client.post("/alerts/take-over/", {"alert": alerts["D01"].pk}, follow=True)

    assert "You have 1 alert in hand." in page.content.decode()
    alert = Alert.objects.get(name="D01")
    assert (alert.acknowledged_by, alert.note) == (night, "Switch")
    entry = LedgerEntry.objects.get(verb="alert taken over")
    assert (entry.actor, entry.subject) == (night, "D01")
    assert entry.facts["held_by"] == f"user {evening.pk}"

    client.post("/alerts/take-over/", words, follow=True)
    client.force_login(evening)
    client.post("/alerts/take-over/", {**words, "note": "Cable found"}, follow=True)
    alert.refresh_from_db()
    assert (alert.acknowledged_by, alert.note) == (evening, "Cable found")
    assert LedgerEntry.objects.filter(verb="alert taken over").count() == 2


@pytest.mark.parametrize("taken", [False, True])
def test_what_nobody_else_has_is_not_taken_over(client, stations, alerts, taken):
    sign_in(client, Role.COMMANDER, *stations)
    words = {"alert": alerts["D01"].pk}
    if taken:
        client.post("/alerts/acknowledge/", words)

    page = client.post("/alerts/take-over/", words, follow=True)

    assert "Nobody else has it in hand." in page.content.decode()
    assert not LedgerEntry.objects.filter(verb="alert taken over").exists()


def test_who_may_not_answer_takes_nothing_over(client, stations, alerts):
    words = {"alert": alerts["D01"].pk}
    actions.acknowledge([alerts["D01"]], note="", by=None, now=now())
    sign_in(client, Role.AUDITOR)
    assert client.post("/alerts/take-over/", words).status_code == 403

    sign_in(client, Role.QUARTERMASTER, stations[1])
    assert client.post("/alerts/take-over/", words).status_code == 404
    assert client.post("/alerts/take-over/", {"alert": "x"}).status_code == 404
    assert client.get("/alerts/take-over/").status_code == 405


def test_a_silenced_one_is_taken_in_hand_and_one_in_hand_is_silenced(client, stations, alerts):
    user = sign_in(client, Role.COMMANDER, *stations)
    quiet = {"hours": 4, "reason": "Cable ordered"}
    client.post("/alerts/silence/", {"alert": alerts["D01"].pk, **quiet})
    assert "I have it" in in_hand(client)
    assert "Silence it" not in in_hand(client)

    client.post("/alerts/acknowledge/", {"alert": alerts["D01"].pk, "note": "Switch"})
    client.post("/alerts/acknowledge/", {"alert": alerts["N01"].pk})
    said = in_hand(client)
    assert "I have it" not in said
    assert said.count("Silence it") == 1
    assert ": Switch" in said
    assert "Silence: Cable ordered" in said

    client.post("/alerts/silence/", {"alert": alerts["N01"].pk, **quiet})
    assert "Silence it" not in in_hand(client)
    rows = Alert.objects.filter(suppressed_why="Silence: Cable ordered", acknowledged_by=user)
    assert rows.count() == 2


@pytest.mark.parametrize("said", [[], ["x"], ["-1"], ["9" * 30], ["1"] * 301])
def test_alerts_that_cannot_be_named_are_not_found(client, stations, alerts, said):
    sign_in(client, Role.COMMANDER, *stations)

    assert client.post("/alerts/acknowledge/", {"alert": said}).status_code == 404


def test_a_silence_needs_a_reason_and_is_listed_with_its_end(client, stations, alerts):
    sign_in(client, Role.COMMANDER, *stations)
    words = {"alert": alerts["D01"].pk, "hours": 4, "reason": ""}

    said = client.post("/alerts/silence/", words, follow=True).content.decode()
    assert "Say why" in said
    assert not Quiet.objects.exists()

    said = client.post(
        "/alerts/silence/", {**words, "reason": "Cable <b>ordered</b>"}, follow=True
    ).content.decode()
    assert "Cable &lt;b&gt;ordered&lt;/b&gt;" in said
    client.post(f"/alerts/quiet/{Quiet.objects.get().pk}/end/")
    assert not Quiet.objects.in_force(now()).exists()


def test_the_silence_of_what_is_of_no_station_is_listed_and_ended_by_whoever_sees_it(
    client, stations
):
    epidemic = an_alert("battery_drop", "Example R2")
    sign_in(client, Role.COMMANDER, stations[1])
    words = {"alert": epidemic.pk, "hours": 4, "reason": "Asked the maker"}

    said = client.post("/alerts/silence/", words, follow=True).content.decode()
    assert "of Example R2: Asked the maker" in said

    ended = client.post(f"/alerts/quiet/{Quiet.objects.get().pk}/end/")
    assert ended.status_code == 302
    assert not Quiet.objects.in_force(now()).exists()


def test_another_stations_silence_does_not_exist(client, stations, alerts):
    user = sign_in(client, Role.QUARTERMASTER, stations[1])
    until = now() + timedelta(hours=1)
    actions.silence(alerts["D01"], until=until, reason="Cable ordered", by=user, now=now())

    assert "Cable ordered" not in client.get("/alerts/").content.decode()
    ended = client.post(f"/alerts/quiet/{Quiet.objects.get().pk}/end/")
    assert ended.status_code == 404


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"station": "N"}, "no dock D01 at North"),
        ({"station": "X"}, "Choose a station"),
        ({"dock_code": "D99"}, "no dock D99"),
        ({"ends_at": "2030-01-01T06:00"}, "ends after it begins"),
        ({"begins_at": "soon"}, "Write a day and a time"),
        ({"reason": ""}, "Say why"),
    ],
)
def test_work_that_cannot_be_planned_is_refused_in_words(client, stations, alerts, changed, said):
    sign_in(client, Role.COMMANDER, *stations)
    at = now()
    words = {
        "station": "HQ",
        "dock_code": "d01",
        "begins_at": f"{at:%Y-%m-%dT%H:%M}",
        "ends_at": f"{at + timedelta(days=1):%Y-%m-%dT%H:%M}",
        "reason": "New switch",
    }
    if "ends_at" in changed:
        words["begins_at"] = "2030-01-02T06:00"

    page = client.post("/alerts/maintain/", {**words, **changed}, follow=True)

    assert said in page.content.decode()
    assert not Quiet.objects.exists()


def test_work_is_planned_at_ones_own_stations_only(client, stations, alerts):
    sign_in(client, Role.QUARTERMASTER, stations[1])
    at = now()

    client.post(
        "/alerts/maintain/",
        {
            "station": "HQ",
            "begins_at": f"{at:%Y-%m-%dT%H:%M}",
            "ends_at": f"{at + timedelta(days=1):%Y-%m-%dT%H:%M}",
            "reason": "Mischief",
        },
    )

    assert not Quiet.objects.exists()


def test_a_rule_is_changed_after_looking_at_what_it_would_have_done(client, stations):
    sign_in(client, Role.IT)
    words = {"enabled": "on", "severity": "major", "opens_min": "10", "clears_min": "2"}

    looked = client.post("/alerts/rules/camera_silent/", {**words, "look": "1"})
    assert "it would have called 0 times last week" in looked.content.decode()
    assert not RuleChange.objects.exists()

    client.post("/alerts/rules/camera_silent/", {**words, "decide": "1", "reason": "Too many"})
    changed = RuleChange.objects.get()
    assert (changed.opens_after, changed.severity) == (timedelta(minutes=10), "major")


def test_what_is_claimed_of_the_rules_is_claimed_of_them_as_delivered(client):
    sign_in(client, Role.IT)
    words = {"enabled": "on", "severity": "minor", "opens_min": "0", "clears_min": "2"}
    claim = "As delivered, a normal shift change meets none of them"
    assert f"{claim}." in client.get("/alerts/rules/").content.decode()

    client.post("/alerts/rules/camera_silent/", {**words, "decide": "1", "reason": "At once"})

    assert f"{claim}; 1 is otherwise here." in client.get("/alerts/rules/").content.decode()


def test_a_rule_that_cannot_be_replayed_says_why(client):
    sign_in(client, Role.IT)

    said = client.get("/alerts/rules/rollout_still/").content.decode()

    assert "Last week cannot be played back. When each camera of a rollout last went on" in said
    assert "As it was in force then, it called for nothing." in said


@pytest.mark.parametrize(
    "changed", [{"opens_min": "-1"}, {"opens_min": "nan"}, {"severity": "loud"}, {"limit": "0"}]
)
def test_a_rule_out_of_its_bounds_is_said_and_not_changed(client, changed):
    sign_in(client, Role.IT)
    words = {"severity": "major", "opens_min": "10", "clears_min": "2", "limit": "4"}

    answer = client.post(
        "/alerts/rules/storage_low/", {**words, **changed, "decide": "1", "reason": "x"}
    )

    assert answer.status_code == 422
    assert not RuleChange.objects.exists()


def test_a_webhooks_key_is_shown_once(client):
    sign_in(client, Role.IT)
    words = {"kind": "webhook", "address": "https://example.org/hook", "least": "minor"}

    said = client.post("/alerts/channels/", words).content.decode()
    assert "data-token" in said
    assert "data-token" not in client.get("/alerts/channels/").content.decode()

    client.post(f"/alerts/channels/{Channel.objects.get().pk}/end/")
    assert not Channel.objects.filter(ended_at=None).exists()


def test_an_address_that_is_none_is_said_beside_its_field(client):
    sign_in(client, Role.IT)

    answer = client.post(
        "/alerts/channels/", {"kind": "mail", "address": "nobody", "least": "minor"}
    )

    assert answer.status_code == 422
    assert "no e-mail address" in answer.content.decode()


def test_the_page_asks_as_much_for_many_alerts_as_for_few(
    client, stations, django_assert_max_num_queries
):
    at = now()
    for number in range(60):
        a_camera(100 + number, stations[0], at, health={"hearing": "silent"})
    CameraHealth.objects.update(heard_at=at - timedelta(hours=1))
    actions.sweep(now=at)
    assert Alert.objects.shown().count() == 60
    sign_in(client, Role.COMMANDER, *stations)

    with django_assert_max_num_queries(11):
        client.get("/alerts/")


def test_however_many_alerts_there_are_the_newest_critical_one_stands_first(client, stations):
    at = now() - timedelta(hours=9)
    cause = an_alert("dock_silent", "D01", station=stations[0])
    here = {"severity": "minor", "station": stations[0], "began_at": at, "fired_at": at,
            "seen_at": at, "words": "An old one."}  # fmt: skip
    kinds = {"calling": {}, "over": {"cleared_at": at}, "explained": {"cause": cause},
             "in hand": {"acknowledged_at": at}}  # fmt: skip
    Alert.objects.bulk_create(
        Alert(rule="clock_wrong", subject=f"{kind} {n}", name=f"{kind} {n}", **here, **told)
        for kind, told in kinds.items()
        for n in range(MOST_SHOWN + 5)
    )
    an_alert("fault_critical", "C0009", "critical", minutes=0, station=stations[0])
    sign_in(client, Role.COMMANDER, *stations)

    said = client.get("/alerts/").content.decode()

    assert "3 things call for somebody: words of an officer" in said
    assert "7 more alerts call and are not shown here." in said
    assert "and 7 more alerts, none of them graver." in said
    assert said.count("305 alerts, not shown while so many call.") == 2
    assert "305 more are explained by one of these" in said


def test_an_alert_explains_what_is_so_now(client, stations):
    cause = an_alert("dock_silent", "D01", station=stations[0])
    over = {"cleared_at": now()}
    for number, told in enumerate(({}, {}, over, {**over, "resolved_at": now()}), 1):
        an_alert("camera_silent", f"C000{number}", station=stations[0], cause=cause, **told)
    sign_in(client, Role.COMMANDER, *stations)

    assert "explains 2<" in client.get("/alerts/").content.decode()


@pytest.mark.parametrize("fields", [{}, {"cleared_at": now()}])
def test_a_page_that_shows_all_says_nothing_of_more(client, stations, fields):
    an_alert("clock_wrong", "C0007", station=stations[0], **fields)
    sign_in(client, Role.COMMANDER, *stations)

    said = client.get("/alerts/").content.decode()

    assert "C0007" in said
    assert "not shown" not in said
    assert " more alert" not in said


SECRET = "TIiajkdnlazkcOXrIdevi7FQ"
CHAT = {
    "kind": "chat",
    "address": f"slack://T1JJ3T3L2/A1BRTD4JD/{SECRET}/#general",
    "name": "night desk",
    "least": "minor",
}


def test_a_chat_is_shown_by_its_service_and_name_and_its_address_never(client):
    sign_in(client, Role.IT)

    added = client.post("/alerts/channels/", CHAT)
    said = added.content.decode() + client.get("/alerts/channels/").content.decode()

    assert added.status_code == 200
    assert "Notices go to Slack · night desk." in said
    assert "Notices go to 1 address." in said
    assert SECRET not in said


@pytest.mark.parametrize(
    ("wrong", "why"),
    [
        ({"name": ""}, "Give it a name"),
        ({"name": f"slack://{SECRET}"}, "Write a name here"),
        ({"name": CHAT["address"]}, "at most 60 characters"),
        ({"address": f"slack://{SECRET}"}, "Slack writes its addresses otherwise"),
        ({"address": f"jsons://{SECRET}@example.org"}, "Notices cannot go to such an address"),
        ({"address": f"{CHAT['address']}?verify=no"}, "Leave out verify="),
        ({"least": "often"}, "Type it once more"),
        ({"kind": "mail"}, "no e-mail address"),
        ({"kind": "webhook"}, "begins with https://"),
    ],
)
def test_a_chat_that_is_refused_says_why_and_repeats_no_secret(client, wrong, why):
    sign_in(client, Role.IT)

    answer = client.post("/alerts/channels/", CHAT | wrong)

    assert answer.status_code == 422
    assert why in answer.content.decode()
    assert SECRET not in answer.content.decode()
    assert not Channel.objects.exists()


def test_the_same_chat_twice_is_refused_and_repeats_no_secret(client):
    sign_in(client, Role.IT)
    client.post("/alerts/channels/", CHAT)

    said = client.post("/alerts/channels/", CHAT).content.decode()

    assert "Slack · night desk gets these notices already." in said
    assert SECRET not in said


def test_a_chat_that_the_servers_key_no_longer_opens_says_so(client, settings):
    actions.add_channel(
        actions.Listener("chat", "Slack · night desk", secret=CHAT["address"]),
        salt="x", by=None, now=now(),
    )  # fmt: skip
    settings.SECRET_KEY = "another" * 10
    sign_in(client, Role.IT)

    answer = client.get("/alerts/channels/")

    assert answer.status_code == 200
    assert "key changed: add this channel again." in answer.content.decode()
