"""schemathesis asks every operation of the OpenAPI file for what the file says, and for what it does not say.

Every answer must be as the file says: status, type, headers, schema. What contradicts the file is refused; what follows
it is accepted, or refused for one of REASONS. FUZZ_EXAMPLES asks each operation more often than CI does (`make fuzz`).
"""

import os
import random
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
import schemathesis
from django.apps import apps
from django.contrib.auth.models import Group
from django.core.management import call_command
from django.core.signals import request_finished, request_started
from django.core.wsgi import get_wsgi_application
from django.db import close_old_connections, connection, transaction

from tests import factories
from tests.description import DESCRIPTION

pytestmark = pytest.mark.django_db
EXAMPLES = int(os.environ.get("FUZZ_EXAMPLES", "2"))
CONFIG = {
    "seed": int(os.environ.get("FUZZ_SEED", "20260131")),
    "generation": {
        "max-examples": EXAMPLES,
        "deterministic": True,
        "database": "none",
        "allow-x00": False,  # no text may hold it, which test_api_parsers shows; a pattern for each would hide the rest
    },
    # Its cases come from the file alone and do not grow with the examples; many are for servers that guess types.
    "phases": {"coverage": {"enabled": bool(os.environ.get("FUZZ_COVERAGE"))}},
    # That the refusals of 400 have a reason is checked below; 412 is for states that the file cannot know.
    "checks": {
        "positive_data_acceptance": {"expected-statuses": ["2xx", "304", "400", "401", "403", "404", "409", "412"]},
        "negative_data_rejection": {
            "expected-statuses": ["400", "401", "403", "404", "406", "409", "412", "415", "428"]
        },
    },
}
KNOWN = {
    "sector": ["robots", "robots.industrial", "机器视觉"],
    "sector_all": ["robots"],
    "sector_not": ["robots"],
    "sector_primary": ["robots.industrial"],
    "parent": ["robots"],
    "plan": ["zs-ai-2019"],
    "township": ["442000118", "小榄镇", "东升镇"],
    "zone": ["torch"],
    "grading": ["high-tech"],
    "category": ["startup"],
    "registration_status": ["active", "merged"],
    "size_class": ["micro"],
    "layer": ["product"],
    "level": ["national"],
    "alliance": ["test"],
    "tier": ["member"],
    "organization": ["ZSAI-000001"],
    "related": ["ZSAI-000002"],
    "successor": ["ZSAI-000002"],
    "search": ["虚构", "xugou", "jqr"],
    "registry_no": ["ZSAI-000001"],
}
"""Names of what is there, put into requests that follow the file: the file cannot say what the database holds."""
REASONS = {
    "parameter": {
        **dict.fromkeys((*KNOWN, "kind"), "nothing is called that"),
        **dict.fromkeys(("cursor", "since"), "no cursor of this list"),
        **dict.fromkeys(("count", "page_size"), "files have no pages"),
        **dict.fromkeys(("layout", "edition", "group"), "the roster is a workbook or a PDF"),
        **dict.fromkeys(("fields", "omit"), "no column is left, or the caller may not see it"),
        **dict.fromkeys(("facet", "rows", "columns"), "the caller may not see it"),
        "ordering": "relevance is that of a search",
        "updated_since": "the first and last days of the calendar have no other time zones",
    },
    "code": {
        **dict.fromkeys(("does_not_exist", "unknown", "not_found", "ambiguous"), "nothing is called that"),
        **dict.fromkeys(("repeated", "contradiction"), "values that do not fit each other"),
        **dict.fromkeys(("website", "uscc", "identifier", "email", "phone", "pinyin"), "rules of validators.py"),
        **dict.fromkeys(("blank", "item_invalid", "required"), "nothing but white space"),
        **dict.fromkeys(("max_digits", "max_whole_digits", "max_decimal_places"), "more digits than are kept"),
        "max_length": "what is cleaned may be longer than what was sent",
        "precondition_failed": "another state of the record",
    },
    "field": {
        **dict.fromkeys(
            ("on", "admitted_on", "ended_on", "end_reason", "tier", "organization", "member_no"),
            "rules of alliance/members/operations/actions.py",
        ),
        "closed_on": "a rule of the model",
        **dict.fromkeys(("name_change", "renamed_on"), "only a record that has a name can change it"),
        "": "a rule of several fields of a membership",
    },
}
"""Why a request that follows the file may be refused with 400 all the same."""


def described() -> Any:
    """The description as a test takes it: what an answer holds beside what it describes is wrong."""
    config = schemathesis.Config.from_dict(CONFIG)
    schema = schemathesis.openapi.from_dict(closed(DESCRIPTION), config=config)
    schema.app = get_wsgi_application()
    return schema


def closed(part: Any) -> Any:
    if isinstance(part, list):
        return [closed(item) for item in part]
    if not isinstance(part, dict):
        return part
    whole = part.get("type") == "object" and isinstance(part.get("properties"), dict)
    return ({"additionalProperties": False} if whole else {}) | {key: closed(item) for key, item in part.items()}


SCHEMA = described()
STAFF, PUBLIC = SCHEMA.include(path_regex="^/api/"), SCHEMA.include(path_regex="^/public/")
CONSTRAINTS = {
    constraint.name
    for app in ("registry", "alliance")
    for model in apps.get_app_config(app).get_models()
    for constraint in model._meta.constraints
}


@pytest.fixture(scope="module")
def world(django_db_setup: None, django_db_blocker: Any) -> Iterator[dict[str, str]]:
    """What stands at the addresses, made once: each example leaves it as it was. Keys, and values of the addresses."""
    with django_db_blocker.unblock():
        call_command("load_reference", verbosity=0)
        of = factories.enterprise(registry_no="ZSAI-000001", published=True)
        other = factories.institute(registry_no="ZSAI-000002", published=True)
        with connection.cursor() as cursor:  # numbers that are given by hand are not counted
            cursor.execute("SELECT setval('registry_organization_no_seq', 1000)")
        membership = factories.membership(factories.member(factories.alliance("test"), of))
        factories.figures(of)
        factories.tag(of)
        factories.name(of)
        factories.identifier(of)
        viewer = factories.user()
        viewer.groups.add(Group.objects.get(name="查询员"))
        yield {
            "superuser": factories.token(factories.superuser(), "write")[1],
            "viewer": factories.token(viewer, "write")[1],
            "registry_no": "ZSAI-000001",
            "slug": "test",
            "year": "2023",
            "code of plans": "zs-ai-2019",
            "code of sectors": "robots",
            "code of townships": "442000118",
            "code of zones": "torch",
            "code of gradings": "high-tech",
            "code of tiers": "member",
            "id of contacts": str(factories.contact(of).pk),
            "id of qualifications": str(factories.qualification(of).pk),
            "id of relations": str(factories.relation(of, other).pk),
            "id of memberships": str(membership.pk),
            "number of terms": str(factories.term(membership.alliance).number),
            "id of groups": str(factories.group(membership.alliance).pk),
            "id of seats": str(factories.seat(membership).pk),
            "id of certificates": str(factories.certificate(membership).pk),
            "id of office-holders": str(factories.office_holder(membership.alliance).pk),
        }
        call_command("flush", interactive=False, verbosity=0)


@contextmanager
def undone() -> Iterator[None]:
    """Nothing of what is done inside stays. A request would close the connection, which is within a transaction."""
    ends = (request_started, request_finished)
    for signal in ends:
        signal.disconnect(close_old_connections)
    try:
        with transaction.atomic():
            yield
            connection.check_constraints()  # those that a commit would check
            transaction.set_rollback(True)
    finally:
        for signal in ends:
            signal.connect(close_old_connections)


def ask(case: Any, world: dict[str, str], who: str = "") -> None:
    proper = case.meta.generation.mode.is_positive
    if proper:
        name_known(case, world)
    headers = {"Authorization": f"Bearer {world[who]}"} if who else {}
    with undone():
        answer = case.call(headers=headers)
        case.validate_response(answer, headers=headers)
        assert "server" not in answer.headers
        if proper and answer.status_code == 400:
            problem = answer.json()
            told = problem.get("errors", [{"code": problem["code"]}])
            assert [one for one in told if not has_reason(one)] == [], (problem, case.body)


def name_known(case: Any, world: dict[str, str]) -> None:
    """Let most addresses, parameters and fields name something that is there."""
    draw = random.Random(repr((case.path_parameters, case.query, case.body)))
    resource = [step for step in case.path.split("/") if step and "{" not in step and "change" not in step]
    for name in case.path_parameters or {}:
        value = world.get(f"{name} of {resource[-1] if resource[-1] != 'end' else 'memberships'}", world.get(name))
        if value and draw.random() < 0.9:
            case.path_parameters[name] = value
    bodies = case.body if isinstance(case.body, list) else [case.body]
    for place in [case.query or {}, *(body for body in bodies if isinstance(body, dict))]:
        for name in place:
            if name in KNOWN and draw.random() < 0.8:
                value = draw.choice(KNOWN[name])
                place[name] = [value] if isinstance(place[name], list) else value


def has_reason(error: dict[str, Any]) -> bool:
    if "parameter" in error:
        return error["parameter"] in REASONS["parameter"]
    by_rule = error["code"] in REASONS["code"] or error["code"] in CONSTRAINTS
    return by_rule or (error["code"] == "invalid" and error["pointer"].rpartition("/")[2] in REASONS["field"])


@STAFF.parametrize()
def test_superuser_is_answered_as_described(case: Any, world: dict[str, str]) -> None:
    ask(case, world, "superuser")


@STAFF.parametrize()
def test_viewer_is_answered_as_described(case: Any, world: dict[str, str]) -> None:
    ask(case, world, "viewer")


@PUBLIC.parametrize()
def test_public_is_answered_as_described(case: Any, world: dict[str, str]) -> None:
    ask(case, world)
