"""The schema is true: it names every address and every refusal, and the API keeps to it."""

import re

import pytest
import schemathesis
from django.core.handlers.wsgi import WSGIHandler
from django.urls import resolve, reverse
from drf_spectacular.drainage import GENERATOR_STATS
from drf_spectacular.generators import SchemaGenerator
from drf_spectacular.validation import validate_schema
from hypothesis import HealthCheck, Phase, given, settings
from schemathesis import GenerationMode
from schemathesis.specs.openapi.checks import negative_data_rejection, positive_data_acceptance

from dashboard.api.documents import document
from dashboard.api.permissions import ENDPOINTS
from dashboard.api.schema import OF_SENDING, REFUSALS
from dashboard.arriving import TYPE
from devices.health.models import Placement, Silence
from devices.inventory.models import Camera
from devices.roles import MATRIX, Role
from tests.api.callers import PROBLEM, forget_wrong_tokens, token_of
from tests.rows import a_fleet, person

EXAMPLES = 6  # an operation and mode: some 120 operations
GENERATED = settings(
    max_examples=EXAMPLES,
    deadline=None,
    database=None,
    derandomize=True,
    phases=[Phase.generate],
    suppress_health_check=list(HealthCheck),
)

# A release is sent as bytes. The door that takes them stands in front of Django, so what comes here
# is refused as another kind.
schemathesis.serializer.alias(TYPE, "application/octet-stream")


def test_it_is_made_without_a_warning():
    with GENERATOR_STATS.silence():
        GENERATOR_STATS.reset()
        SchemaGenerator().get_schema(public=True)

        complaints = [*GENERATOR_STATS._warn_cache, *GENERATOR_STATS._error_cache]

    assert complaints == []


def test_it_is_valid_openapi():
    validate_schema(document())


def test_every_address_in_the_table_is_described():
    described = {operation["operationId"] for _, operation in operations()}

    assert len(document()["paths"]) == len(ENDPOINTS) == len(described)


def operations():
    """Each with its method; no address has two."""
    return [next(iter(path.items())) for path in document()["paths"].values()]


def test_every_operation_names_its_refusals_its_tag_and_the_ways_in():
    for method, operation in operations():
        responses = operation["responses"]
        fine, refusals = {"200", "304"}, REFUSALS
        if method == "post":
            fine, refusals = {"200"}, (*REFUSALS, *OF_SENDING)

        assert {*responses} == {*fine, *map(str, refusals)}
        assert all(PROBLEM in responses[str(status)]["content"] for status in refusals)
        assert ("ETag" in responses["200"].get("headers", {})) is (method == "get")
        assert operation["security"] == [{"token": []}, {"session": []}]


@pytest.mark.django_db
def test_it_is_read_by_anybody_as_json(client):
    answer = client.get(reverse("api-schema"))

    assert answer.status_code == 200
    assert answer["Content-Type"] == "application/json"
    assert answer.json()["openapi"].startswith("3.1")


@pytest.fixture
def fleet(transactional_db, noon):
    """A fleet with some history."""
    made = a_fleet(noon, cameras=20)
    camera = Camera.objects.get(number=1)
    Placement.objects.create(
        camera=camera, docked=True, bay=camera.home_bay, at=noon, received_at=noon
    )
    Silence.objects.create(camera=camera, began_at=noon, detected_at=noon, ended_at=noon)
    return made


def tried_by(operation):
    """Who tries it: somebody who may, so that what is sent is read. The auditor reads all."""
    if operation.method == "get":
        return Role.AUDITOR
    name = resolve(re.sub(r"{.*?}", "1", operation.path)).url_name
    return Role.COMMANDER if Role.COMMANDER in MATRIX[ENDPOINTS[name].act] else Role.IT


@pytest.mark.parametrize("role", [Role.AUDITOR, Role.COMMANDER, Role.IT])
def test_whatever_the_schema_allows_or_forbids_is_answered_as_it_says(fleet, role):
    headers = {"Authorization": f"Bearer {token_of(person(role, *fleet.stations))}"}
    schema = schemathesis.openapi.from_wsgi(
        reverse("api-schema"), WSGIHandler(), headers={"Host": "testserver"}
    )
    operations = [found.ok() for found in schema.get_all_operations()]

    for operation in filter(lambda one: tried_by(one) is role, operations):
        for mode in GenerationMode.POSITIVE, GenerationMode.NEGATIVE:
            _try(operation, mode, headers)

    assert len(operations) == len(ENDPOINTS)


def _try(operation, mode, headers):
    # A row that is well formed may still name an officer who is not.
    unfit = [positive_data_acceptance] if operation.method == "post" else []

    @GENERATED
    @given(case=operation.as_strategy(generation_mode=mode))
    def answered_as_described(case):
        if mode is GenerationMode.POSITIVE:
            case.query.pop("cursor", None)  # only the API can make a right one
            if case.path.endswith(("/past/", "/at/")):
                case.query["at"] = "2026-01-01T00:00:00Z"  # no schema says "not to come"
        forget_wrong_tokens()
        answer = case.call(headers=headers)
        # What is too long is not read at all, so nobody looks at whether it is well formed.
        unread = [negative_data_rejection] if answer.status_code == 413 else []
        case.validate_response(answer, headers=headers, excluded_checks=[*unfit, *unread])
        assert answer.status_code < 500

    answered_as_described()
