"""Two people, and what follows: what counts as good, recalled, or gone back to."""

import pytest
from django.db import DatabaseError, IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext

from devices.errors import Refused
from devices.inventory.models import CameraModel
from devices.ledger import LedgerEntry
from devices.releases import actions, rules
from devices.releases.certificates import actions as certificates
from devices.releases.models import Release, ReleaseState, RollbackOrder
from tests.releases.shelf import approved, verified
from tests.rows import a_model

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("believed")]


@pytest.fixture
def model(db):
    model = a_model()
    CameraModel.objects.filter(pk=model.pk).update(firmware_version="4.2.1")
    model.refresh_from_db()
    return model


def runs(model):
    """What cameras of this model should run, and what else counts as good."""
    model.refresh_from_db()
    return model.firmware_version, model.firmware_accepted


def test_what_another_person_approves_counts_as_good_beside_the_standard(
    maker, it, colleague, at, model
):
    release = verified(maker, it, at)

    actions.approve(release, by=colleague, now=at)

    assert (release.state, release.approved_by) == (ReleaseState.APPROVED, colleague)
    assert runs(model) == ("4.2.1", ["4.3.0"])
    entry = LedgerEntry.objects.get(verb="release approved")
    assert (entry.subject, entry.actor) == ("firmware 4.3.0", colleague)


@pytest.mark.parametrize("verb", ["approve", "recall", "confirm", "make standard"])
def test_who_holds_the_ledger_waits_for_no_model(verb, maker, it, colleague, at, model):
    """A sweep that finishes a rollout has the models and waits for the ledger."""
    release = verified(maker, it, at)
    if verb != "approve":
        actions.approve(release, by=colleague, now=at)
    text = rules.order_text(release.kind, release.version, release.sha256, "why")
    if verb == "confirm":
        order = actions.order_rollback(release, "why", maker.sign(text.encode()), by=it, now=at)

    with CaptureQueriesContext(connection) as asked:
        match verb:
            case "approve":
                actions.approve(release, by=colleague, now=at)
            case "recall":
                actions.recall(release, "why", by=it, now=at)
            case "confirm":
                actions.confirm_rollback(order, by=colleague, now=at)
            case _:
                actions.make_standard(release, by=None, now=at)

    locked = "".join(
        "m" if "cameramodel" in one["sql"] else "h" if "head" in one["sql"] else ""
        for one in asked
        if " UPDATE" in one["sql"] and "FOR " in one["sql"]
    )
    assert locked in ("mh", "mhh")


def test_nobody_approves_what_they_brought(maker, it, at, model):
    release = verified(maker, it, at)

    with pytest.raises(Refused, match="another person must approve"):
        actions.approve(release, by=it, now=at)
    with pytest.raises(Refused, match="A person approves"):
        actions.approve(release, by=None, now=at)
    with pytest.raises(IntegrityError), transaction.atomic():
        Release.objects.filter(pk=release.pk).update(state="approved", approved_by=it)

    assert runs(model) == ("4.2.1", [])


def test_a_release_is_approved_once(maker, it, colleague, at):
    release = approved(maker, it, colleague, at)

    with pytest.raises(Refused, match="is approved; it cannot become approved"):
        actions.approve(release, by=colleague, now=at)


def test_what_a_withdrawn_certificate_signed_is_not_approved(maker, it, colleague, at, believed):
    release = verified(maker, it, at)
    certificates.withdraw_certificate(believed, by=it, now=at)

    with pytest.raises(Refused, match="signed by Maker, which was withdrawn"):
        actions.approve(release, by=colleague, now=at)


def test_nor_is_what_a_certificate_signed_that_ended_since(maker, it, colleague, at, believed):
    release = verified(maker, it, at)

    with pytest.raises(Refused, match=r"Firmware 4\.3\.0 is signed by Maker, which ended on 20"):
        actions.approve(release, by=colleague, now=believed.ends_at)


def test_a_finished_rollout_makes_it_the_standard(maker, it, colleague, at, model):
    release = approved(maker, it, colleague, at)

    actions.make_standard(release, by=None, now=at)

    assert runs(model) == ("4.3.0", [])


def test_only_what_is_approved_becomes_the_standard(maker, it, at, model):
    release = verified(maker, it, at)

    with pytest.raises(Refused, match="is not approved"):
        actions.make_standard(release, by=it, now=at)


def test_a_release_approved_meanwhile_still_counts_after_an_earlier_one_is_the_standard(
    maker, it, colleague, at, model
):
    first = approved(maker, it, colleague, at)
    approved(maker, it, colleague, at, "4.4.0")

    actions.make_standard(first, by=None, now=at)

    assert runs(model) == ("4.3.0", ["4.4.0"])


def test_a_recalled_release_counts_no_more_and_cannot_come_back(maker, it, colleague, at, model):
    release = approved(maker, it, colleague, at)

    actions.recall(release, "bricks the R2", by=it, now=at)

    assert (release.state, release.recalled_because) == (ReleaseState.RECALLED, "bricks the R2")
    assert runs(model) == ("4.2.1", [])
    with pytest.raises(Refused):
        actions.approve(release, by=colleague, now=at)


def test_a_recall_says_why(maker, it, colleague, at):
    release = approved(maker, it, colleague, at)

    with pytest.raises(Refused, match="Say why"):
        actions.recall(release, "  ", by=it, now=at)


def test_where_the_recalled_one_was_the_standard_the_one_before_is_again(
    maker, it, colleague, at, model
):
    first = approved(maker, it, colleague, at)
    second = approved(maker, it, colleague, at, "4.4.0")
    for one in (first, second):
        actions.make_standard(one, by=None, now=at)

    actions.recall(second, "loses recordings", by=it, now=at)

    assert runs(model) == ("4.3.0", [])


class TestGoingBack:
    @pytest.fixture
    def older(self, maker, it, colleague, at, model):
        """A release older than the standard: approved, and of no effect."""
        return approved(maker, it, colleague, at, "4.1.0")

    def signed(self, maker, release, reason="4.2.1 loses clips"):
        text = rules.order_text(release.kind, release.version, release.sha256, reason)
        return maker.sign(text.encode())

    def order(self, maker, release, by, at):
        signature = self.signed(maker, release)
        return actions.order_rollback(release, "4.2.1 loses clips", signature, by=by, now=at)

    def test_an_older_version_is_refused_as_the_standard_and_does_not_count(
        self, older, it, at, model
    ):
        assert runs(model) == ("4.2.1", [])

        with pytest.raises(Refused, match="needs a confirmed rollback order"):
            actions.make_standard(older, by=it, now=at)

    def test_one_that_could_be_older_is_refused_as_the_standard_and_does_not_count(
        self, maker, it, colleague, at, model
    ):
        other = approved(maker, it, colleague, at, "2024b")
        assert runs(model) == ("4.2.1", [])

        with pytest.raises(Refused, match="nobody can tell whether 2024b is newer, so it needs"):
            actions.make_standard(other, by=it, now=at)

    def test_a_signed_order_that_another_person_confirms_lets_cameras_go_back(
        self, older, maker, it, colleague, at, model
    ):
        order = self.order(maker, older, it, at)
        assert actions.order_in_force(older) is None

        actions.confirm_rollback(order, by=colleague, now=at)

        assert actions.order_in_force(older) == order
        assert runs(model) == ("4.2.1", ["4.1.0"])
        actions.make_standard(older, by=None, now=at)
        assert runs(model)[0] == "4.1.0"

    def test_nobody_confirms_their_own_order_and_nobody_twice(
        self, older, maker, it, colleague, at
    ):
        order = self.order(maker, older, it, at)

        with pytest.raises(Refused, match="Another person"):
            actions.confirm_rollback(order, by=it, now=at)
        actions.confirm_rollback(order, by=colleague, now=at)
        with pytest.raises(Refused, match="confirmed already"):
            actions.confirm_rollback(order, by=colleague, now=at)

    @pytest.mark.parametrize("what", ["withdrawn", "ended", "recalled"])
    def test_what_is_believed_no_more_is_not_confirmed(self, older, maker, at, believed, what):
        it, colleague = older.uploaded_by, older.approved_by
        order = self.order(maker, older, it, at)
        says = {
            "withdrawn": "This order is signed by Maker, which was withdrawn",
            "ended": "This order is signed by Maker, which ended on",
            "recalled": "Firmware 4.1.0 is not approved",
        }[what]
        if what == "withdrawn":
            certificates.withdraw_certificate(believed, by=it, now=at)
        if what == "recalled":
            actions.recall(older, "It bricks.", by=it, now=at)

        order = RollbackOrder.objects.get()
        with pytest.raises(Refused, match=says):
            actions.confirm_rollback(
                order, by=colleague, now=believed.ends_at if what == "ended" else at
            )

        order.refresh_from_db()
        assert order.confirmed_at is None

    def test_a_confirmed_order_ends_with_the_trust_in_its_signer_or_its_release(
        self, older, maker, it, colleague, at, believed
    ):
        order = self.order(maker, older, it, at)
        actions.confirm_rollback(order, by=colleague, now=at)
        type(older).objects.filter(pk=older.pk).update(state="recalled")
        assert actions.order_in_force(type(older).objects.get()) is None
        type(older).objects.filter(pk=older.pk).update(state="approved")
        assert actions.order_in_force(older) == order

        certificates.withdraw_certificate(believed, by=it, now=at)

        assert actions.order_in_force(older) is None
        with pytest.raises(Refused, match="needs a confirmed rollback order"):
            actions.make_standard(older, by=it, now=at)

    @pytest.mark.parametrize("how", ["unsigned", "stranger", "another reason", "another release"])
    def test_an_order_is_believed_only_as_it_was_signed(self, older, maker, stranger, at, how):
        it, colleague = older.uploaded_by, older.approved_by
        other = approved(maker, it, colleague, at, "4.0.0")
        signature = {
            "unsigned": b"",
            "stranger": self.signed(stranger, older),
            "another reason": self.signed(maker, older, "because"),
            "another release": self.signed(maker, other),
        }[how]

        with pytest.raises(Refused):
            actions.order_rollback(older, "4.2.1 loses clips", signature, by=it, now=at)

        assert not RollbackOrder.objects.exists()

    def test_the_database_itself_keeps_an_order(self, older, maker, it, at):
        order = self.order(maker, older, it, at)

        with pytest.raises(DatabaseError), transaction.atomic():
            RollbackOrder.objects.filter(pk=order.pk).update(reason="other")
        with pytest.raises(DatabaseError), transaction.atomic():
            order.delete()
