import pytest

from devices.access.rules import camera_token_refused, roles_kept_apart
from devices.roles import Role


@pytest.mark.parametrize(
    ("roles", "apart"),
    [
        ({Role.QUARTERMASTER, Role.COMMANDER}, False),
        ({Role.QUARTERMASTER, Role.IT}, False),
        ({Role.OFFICER, Role.AUDITOR}, False),
        ({Role.ADMINISTRATOR, Role.IT}, False),
        ({Role.ADMINISTRATOR, Role.QUARTERMASTER}, True),
        ({Role.ADMINISTRATOR, Role.COMMANDER}, True),
        ({Role.AUDITOR, Role.IT}, True),
        ({Role.AUDITOR, Role.ADMINISTRATOR}, True),
    ],
)
def test_roles_that_check_each_other_are_kept_apart(roles, apart):
    assert bool(roles_kept_apart(roles)) is apart


def test_every_reason_is_a_sentence_that_names_both_roles():
    reasons = roles_kept_apart({Role.AUDITOR, Role.IT, Role.COMMANDER})

    assert reasons == [
        "Auditor and Commander are not held by one person.",
        "Auditor and IT are not held by one person.",
    ]


@pytest.mark.parametrize(
    ("radio", "retired", "reason"),
    [
        (True, False, None),
        (False, False, "C0417 has no radio: the dock it sits in speaks for it."),
        (True, True, "C0417 is retired."),
    ],
)
def test_only_a_camera_with_a_radio_has_a_token(radio, retired, reason):
    assert camera_token_refused("C0417", radio=radio, retired=retired) == reason
