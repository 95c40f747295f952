"""The department's numbers: decided in versions, bounded, and in force at once."""

from datetime import timedelta

import pytest

from devices.department import actions, current
from devices.department.models import PolicyVersion
from devices.errors import Refused
from devices.ledger import LedgerEntry
from devices.policy import Policy

pytestmark = pytest.mark.django_db


def decided(noon, written, *, reason="Winter", based_on=0):
    return actions.decide(written, reason=reason, based_on=based_on, by=None, now=noon)


def test_until_somebody_decides_the_defaults_are_in_force():
    assert current.as_decided().battery_spare == Policy().battery_spare


def test_a_decision_is_in_force_and_keeps_those_before_it(noon):
    decided(noon, {"battery_spare": 60})
    decided(noon, {"charged_percent": 90}, based_on=1)

    now = current.as_decided()

    assert (now.battery_spare, now.charged_percent) == (timedelta(minutes=60), 90)
    assert [one.number for one in PolicyVersion.objects.all()] == [2, 1]
    assert LedgerEntry.objects.filter(verb="policy decided").count() == 2


@pytest.mark.parametrize(
    ("written", "said"),
    [
        ({"battery_spare": 9999}, "between 0 and 240 minutes"),
        ({"charged_percent": -1}, "between 50 and 100 percent"),
        ({"report_every": 10}, "report_every is not a number to decide"),
    ],
)
def test_what_is_out_of_bounds_is_refused_and_changes_nothing(noon, written, said):
    with pytest.raises(Refused, match=said):
        decided(noon, written)

    assert not PolicyVersion.objects.exists()


def test_nobody_decides_over_what_they_did_not_see(noon):
    decided(noon, {"battery_spare": 60})

    with pytest.raises(Refused, match="look at the preview again"):
        decided(noon, {"battery_spare": 10}, based_on=0)


def test_a_decision_without_a_reason_is_refused(noon):
    with pytest.raises(Refused, match="Say why"):
        decided(noon, {"battery_spare": 60}, reason="  ")


@pytest.mark.django_db(transaction=True)
def test_a_decision_holds_in_this_process_at_its_commit(noon):
    assert current.policy().battery_spare == Policy().battery_spare

    decided(noon, {"battery_spare": 60})

    assert current.policy().battery_spare == timedelta(minutes=60)


def test_many_reports_ask_for_the_policy_once(django_assert_num_queries):
    current.forget()

    with django_assert_num_queries(1):
        found = [current.policy() for _ in range(50)]

    assert len(set(found)) == 1
