"""Every address of the API, with every method, for every role: who is let in. A new address without a line fails.

Roles by letter: v viewer, r registrar, t township registrar (of the township of all that is asked about), w reviewer,
s secretariat, g secretary-general (who may all that the secretariat may), a auditor, m administrator, x superuser.
"""

import re
from functools import cache
from typing import Any

import pghistory
import pytest
from django.contrib.auth.models import Group, User
from django.db import connection
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver, reverse

from alliance.models import Membership
from registry.attachments import storage
from registry.models import Organization
from tests import factories
from tests.registry.attachments.files import upload

pytestmark = pytest.mark.django_db

ROLES = {
    "v": "查询员",
    "r": "录入员",
    "t": "镇街填报员",
    "w": "审核员",
    "s": "秘书处",
    "g": "秘书长",
    "a": "审计员",
    "m": "系统管理员",
    "x": None,
}
ALL = "vrtwsamx"
METHODS = ("get", "head", "options", "post", "put", "patch", "delete")

STAFF: dict[str, dict[str, str]] = {
    "api:index": {"get": ALL},
    "api:schema": {"get": ALL},
    "api:docs": {"get": ALL},
    "api:plans-list": {"get": ALL, "post": "mx"},
    "api:plans-detail": {"get": ALL, "patch": "mx"},
    "api:sectors-list": {"get": ALL, "post": "mx"},
    "api:sectors-detail": {"get": ALL, "patch": "mx"},
    "api:townships-list": {"get": ALL, "post": "mx"},
    "api:townships-detail": {"get": ALL, "patch": "mx"},
    "api:zones-list": {"get": ALL, "post": "mx"},
    "api:zones-detail": {"get": ALL, "patch": "mx"},
    "api:gradings-list": {"get": ALL, "post": "mx"},
    "api:gradings-detail": {"get": ALL, "patch": "mx"},
    "api:organization-changes-list": {"get": ALL},
    "api:organizations-list": {"get": ALL, "post": "rtwx"},
    "api:organizations-facets": {"get": ALL},
    "api:organizations-bulk": {"post": "rtwx", "patch": "rtwx"},
    "api:organizations-match": {"post": ALL},
    "api:organizations-crosstab": {"get": ALL},
    "api:organizations-landscape": {"get": ALL},
    "api:organizations-coverage": {"get": ALL},
    "api:organizations-townships": {"get": ALL},
    "api:organizations-growth": {"get": ALL},
    "api:organizations-detail": {"get": ALL, "patch": "rtwx"},
    "api:organizations-verify": {"post": "rtwx"},
    "api:enterprises-list": {"get": ALL, "post": "rtwx"},
    "api:enterprises-facets": {"get": ALL},
    "api:enterprises-bulk": {"post": "rtwx", "patch": "rtwx"},
    "api:enterprises-match": {"post": ALL},
    "api:enterprises-crosstab": {"get": ALL},
    "api:enterprises-landscape": {"get": ALL},
    "api:enterprises-coverage": {"get": ALL},
    "api:enterprises-townships": {"get": ALL},
    "api:enterprises-growth": {"get": ALL},
    "api:enterprises-detail": {"get": ALL, "patch": "rtwx"},
    "api:enterprises-verify": {"post": "rtwx"},
    "api:institutes-list": {"get": ALL, "post": "rtwx"},
    "api:institutes-facets": {"get": ALL},
    "api:institutes-bulk": {"post": "rtwx", "patch": "rtwx"},
    "api:institutes-match": {"post": ALL},
    "api:institutes-crosstab": {"get": ALL},
    "api:institutes-landscape": {"get": ALL},
    "api:institutes-coverage": {"get": ALL},
    "api:institutes-townships": {"get": ALL},
    "api:institutes-growth": {"get": ALL},
    "api:institutes-detail": {"get": ALL, "patch": "rtwx"},
    "api:institutes-verify": {"post": "rtwx"},
    "api:statistics-counts-list": {"get": ALL},
    "api:statistics-figures-list": {"get": "rtwax"},
    "api:statistics-releases-list": {"get": ALL},
    "api:organization-contacts-list": {"get": "rtwax", "post": "rtwx"},
    "api:organization-contacts-detail": {"get": "rtwax", "patch": "rtwx", "delete": "rtwx"},
    "api:organization-figures-list": {"get": "rtwax", "post": "rtwx"},
    "api:organization-figures-detail": {"get": "rtwax", "patch": "rtwx", "delete": "x"},
    "api:organization-qualifications-list": {"get": ALL, "post": "rtwx"},
    "api:organization-qualifications-detail": {"get": ALL, "patch": "rtwx", "delete": "rtwx"},
    "api:organization-relations-list": {"get": ALL, "post": "rtwx"},
    "api:organization-relations-detail": {"get": ALL, "patch": "rtwx", "delete": "rtwx"},
    "api:organization-memberships-list": {"get": ALL},
    "api:organization-history-list": {"get": ALL},
    "api:organization-proposals-list": {"get": "vrtwsmx", "post": ALL},
    "api:organization-proposals-detail": {"get": "rtwx"},
    "api:proposals-list": {"get": "vrtwsmx"},
    "api:proposals-detail": {"get": "rtwx"},
    "api:proposals-accept": {"options": "vrtwsmx", "post": "rtwx"},
    "api:proposals-refuse": {"options": "vrtwsmx", "post": "rtwx"},
    "api:alliances-list": {"get": ALL, "post": "mx"},
    "api:alliances-detail": {"get": ALL, "patch": "smx"},
    "api:alliances-rename": {"post": "smx"},
    "api:alliance-tiers-rename": {"post": "smx"},
    "api:organization-memberships-timeline-list": {"get": ALL},
    "api:alliance-members-timeline-list": {"get": ALL},
    "api:alliance-members-compare-list": {"get": ALL},
    "api:alliance-statistics-growth-list": {"get": ALL},
    "api:alliance-changes-list": {"get": ALL},
    "api:alliance-applications-changes-list": {"get": "rwsax"},
    "api:alliance-meetings-changes-list": {"get": "samx"},
    "api:alliance-attendance-changes-list": {"get": "sax"},
    "api:alliance-decisions-changes-list": {"get": "samx"},
    "api:alliance-certificates-changes-list": {"get": "vrwsamx"},
    "api:alliance-dues-standards-changes-list": {"get": "sax"},
    "api:alliance-dues-classes-changes-list": {"get": "sax"},
    "api:alliance-dues-changes-list": {"get": "sax"},
    "api:alliance-payments-changes-list": {"get": "sax"},
    "api:alliance-members-list": {"get": ALL, "post": "sx"},
    "api:alliance-member-detail": {"get": ALL},
    "api:alliance-tiers-list": {"get": ALL, "post": "smx"},
    "api:alliance-tiers-detail": {"get": ALL, "patch": "smx"},
    "api:alliance-terms-list": {"get": ALL, "post": "sx"},
    "api:alliance-terms-detail": {"get": ALL, "patch": "sx"},
    "api:alliance-meetings-list": {"get": "samx", "post": "sx"},
    "api:alliance-meetings-detail": {"get": "samx", "patch": "sx", "delete": "sx"},
    "api:alliance-attendance-list": {"get": "sax"},
    "api:alliance-attendance-detail": {"get": "sax", "patch": "sx"},
    "api:alliance-decisions-list": {"get": "samx", "post": "gx"},
    "api:alliance-decisions-detail": {"get": "samx", "patch": "gx"},
    "api:alliance-decisions-attachments": {"get": "samx", "post": "gx"},
    "api:alliance-decisions-attachment": {"get": "samx"},
    "api:alliance-voting-rules-list": {"get": "samx", "post": "gmx"},
    "api:alliance-voting-rules-detail": {"get": "samx", "patch": "gmx"},
    "api:alliance-rules-list": {"get": "samx", "post": "gmx"},
    "api:alliance-rules-detail": {"get": "samx", "patch": "gmx"},
    "api:alliance-groups-list": {"get": ALL, "post": "sx"},
    "api:alliance-groups-detail": {"get": ALL, "patch": "sx"},
    "api:alliance-applications-list": {"get": "rwsax", "post": "rwsx"},
    "api:alliance-applications-detail": {"get": "rwsax", "patch": "rwsx"},
    "api:alliance-applications-attachments": {"get": "rwsax", "post": "rwsx"},
    "api:alliance-applications-attachment": {"options": "rwsax", "get": "rwsx"},
    "api:alliance-applications-submit": {"options": "rwsax", "post": "rwsx"},
    "api:alliance-applications-withdraw": {"options": "rwsax", "post": "rwsx"},
    "api:alliance-applications-accept": {"options": "rwsax", "post": "sx"},
    "api:alliance-applications-send-back": {"options": "rwsax", "post": "sx"},
    "api:alliance-applications-confirm": {"options": "rwsax", "post": "sx"},
    "api:alliance-applications-reject": {"options": "rwsax", "post": "sx"},
    "api:alliance-applications-decide": {"options": "rwsax", "post": "gx"},
    "api:alliance-seats-list": {"get": ALL, "post": "sx"},
    "api:alliance-seats-detail": {"get": ALL, "patch": "sx", "delete": "sx"},
    "api:alliance-certificates-list": {"get": ALL, "post": "sx"},
    "api:alliance-certificates-detail": {"get": ALL, "patch": "sx"},
    "api:alliance-office-holders-list": {"get": "sax", "post": "sx"},
    "api:alliance-office-holders-detail": {"get": "sax", "patch": "sx", "delete": "sx"},
    "api:alliance-dues-standards-list": {"get": "sax", "post": "sx"},
    "api:alliance-dues-standards-detail": {"get": "sax", "patch": "sx", "delete": "sx"},
    "api:alliance-dues-classes-list": {"get": "sax", "post": "sx"},
    "api:alliance-dues-classes-detail": {"get": "sax", "patch": "sx", "delete": "sx"},
    "api:alliance-dues-list": {"get": "sax"},
    "api:alliance-dues-detail": {"get": "sax", "patch": "sx"},
    "api:alliance-dues-charges-list": {"get": "sax"},
    "api:alliance-dues-lapse-list": {"get": "sax"},
    "api:alliance-payments-list": {"get": "sax", "post": "sx"},
    "api:alliance-payments-detail": {"get": "sax", "patch": "sx", "delete": "sx"},
    "api:changes-detail": {"get": ALL},
    "api:changes-undo": {"options": ALL, "post": "rtwx"},
    "api:disclosures-list": {"get": "ax"},
    "api:receipts-list": {"get": "ax"},
    "api:security-events-list": {"get": "ax"},
    "api:memberships-list": {"get": ALL, "post": "sx"},
    "api:memberships-detail": {"get": ALL, "patch": "sx"},
    "api:memberships-change-tier": {"post": "sx"},
    "api:memberships-end": {"post": "sx"},
    "api:memberships-suspend": {"post": "sx"},
    "api:memberships-resume": {"post": "sx"},
    "api:memberships-cancel-end": {"post": "sx"},
    "api:memberships-succeed": {"post": "sx"},
}
READING = {"api:organizations-match", "api:enterprises-match", "api:institutes-match"}
"""What a POST reads only, so that a token of scope `read` will do."""
OWN_ONLY = {
    ("v", "s", "g", "m"): {
        "api:organization-proposals-detail",
        "api:proposals-detail",
        "api:proposals-accept",
        "api:proposals-refuse",
    }
}
"""What some see if it is their own; what others have is no more there for them than what is not."""
PUBLIC = {
    "public:index",
    "public:plans-list",
    "public:plans-detail",
    "public:sectors-list",
    "public:sectors-detail",
    "public:organization-changes-list",
    "public:organizations-list",
    "public:organizations-facets",
    "public:organizations-crosstab",
    "public:organizations-landscape",
    "public:organizations-detail",
    "public:enterprises-list",
    "public:enterprises-facets",
    "public:enterprises-crosstab",
    "public:enterprises-landscape",
    "public:enterprises-detail",
    "public:institutes-list",
    "public:institutes-facets",
    "public:institutes-crosstab",
    "public:institutes-landscape",
    "public:institutes-detail",
    "public:statistics-counts-list",
    "public:statistics-releases-list",
    "public:alliances-list",
    "public:alliance-certificates-check-list",
    "public:alliances-detail",
    "public:alliance-changes-list",
    "public:alliance-members-list",
}
OUTSIDE = {"", "admin/", "i18n/", "^(?:api|public)/"}
DIRECTORY = ("directory:", "directory-en:")
"""Addresses that are none of the API's: see test_site_access.py."""


def routes(patterns: Any = None, prefix: str = "", namespace: str = "") -> dict[str, str]:
    """Name of each address, or its pattern where it has none -> its pattern."""
    found: dict[str, str] = {}
    for entry in get_resolver().url_patterns if patterns is None else patterns:
        pattern = prefix + str(entry.pattern).replace("^", "", 1).replace("$", "")
        if isinstance(entry, URLResolver) and pattern not in OUTSIDE - {""}:
            inner = f"{entry.namespace}:" if entry.namespace else namespace
            found |= {} if inner in DIRECTORY else routes(entry.url_patterns, pattern, inner)
        elif (isinstance(entry, URLPattern) and str(entry.pattern) not in OUTSIDE) or namespace:
            found[f"{namespace}{entry.name}" if entry.name else pattern] = pattern
    return found


def test_every_address_has_a_declared_outcome():
    assert set(routes()) == set(STAFF) | PUBLIC


def of_alliance(membership: Membership) -> dict[str, dict[str, Any]]:
    """What belongs to the alliance: resource -> the rest of its address."""
    alliance = membership.alliance
    due = factories.due(membership.member)
    application = factories.application(alliance)
    with storage.keeping(None) as keep:
        application.attachments.add(keep(upload()))
        decision = factories.decision(factories.meeting(alliance), document=keep(upload()))
    return {
        "alliance-tiers": {"code": membership.tier.code},
        "alliance-terms": {"number": factories.term(alliance).number},
        "alliance-meetings": {"id": factories.meeting(alliance).pk},
        "alliance-attendance": {"id": factories.attendance(factories.meeting(alliance, body="assembly")).pk},
        "alliance-decisions": {"id": decision.pk, "key": decision.document.key},
        "alliance-voting-rules": {"id": factories.voting_rule(alliance).pk},
        "alliance-rules": {"id": factories.alliance_rules(alliance).pk},
        "alliance-groups": {"id": factories.group(alliance).pk},
        "alliance-seats": {"id": factories.seat(membership).pk},
        "alliance-certificates": {"id": factories.certificate(membership, "2020-7").pk},
        "alliance-certificates-check": {"number": "2020-7"},
        "alliance-applications": {"id": application.pk, "key": application.attachments.get().key},
        "alliance-office-holders": {"id": factories.office_holder(alliance).pk},
        "alliance-dues-standards": {"id": due.dues_class.standard_id},
        "alliance-dues-classes": {"id": due.dues_class_id},
        "alliance-dues": {"id": due.pk},
        "alliance-payments": {"id": factories.payment(due).pk},
    }


@pytest.fixture
def world(reference, settings, tmp_path):
    """What stands at each address."""
    settings.MEDIA_ROOT = tmp_path
    of = factories.enterprise(published=True, township=factories.township())
    institute = factories.institute(published=True, township=factories.township())
    alliance = factories.alliance("test")
    membership = factories.membership(factories.member(alliance, of))
    hidden = factories.enterprise(township=factories.township())
    proposal = factories.proposal(hidden)
    own = {
        "plans": {"code": "zs-ai-2019"},
        "sectors": {"code": "robots"},
        "townships": {"code": "442000118"},
        "zones": {"code": "torch"},
        "gradings": {"code": "high-tech"},
        "institutes": {"registry_no": institute.registry_no},
        "organization-contacts": {"id": factories.contact(of).pk},
        "organization-figures": {"year": factories.figures(of).year},
        "organization-qualifications": {"id": factories.qualification(of).pk},
        "organization-relations": {"id": factories.relation(of, institute).pk},
        **of_alliance(membership),
        "memberships": {"id": membership.pk},
        "proposals": {"id": proposal.pk},
        "organization-proposals": {"registry_no": hidden.registry_no, "id": proposal.pk},
    }

    with pghistory.context() as change:
        Organization.objects.filter(pk=hidden.pk).update(short_name="简称")
    own["changes"] = {"change": change.id}
    with connection.cursor() as cursor:  # what follows in this transaction is no part of the change
        cursor.execute("SELECT set_config('pghistory.context_id', '', true)")

    @cache
    def address(name: str) -> str:
        actions = (
            "list|detail|facets|crosstab|landscape|coverage|townships|growth|match|bulk|verify|rename|accept|refuse|"
            "change-tier|cancel-end|end|suspend|resume|succeed|submit|send-back|confirm|decide|reject|withdraw|undo|"
            "attachments|attachment"
        )
        resource = re.sub(f"-({actions})$", "", name.partition(":")[2])
        kwargs: dict[str, Any] = {
            "registry_no": of.registry_no,
            "slug": "test",
            "member_no": membership.member.member_no,
        } | own.get(resource, {})
        known = re.findall(r"\(\?P<(\w+)>", routes()[name])
        return reverse(name, kwargs={key: kwargs[key] for key in known})

    return address


def account(role: str) -> User:
    if ROLES[role] is None:
        return factories.superuser()
    user = factories.user()
    user.groups.add(Group.objects.get(name=ROLES[role]))
    if role == "t":
        factories.account_township(user)
    return user


def program(key: str = "") -> Client:
    return Client(headers={"authorization": f"Bearer {key}"} if key else {}, raise_request_exception=False)


def ask(client: Client, method: str, url: str) -> Any:
    return client.generic(method.upper(), url, b"" if method in ("get", "head") else b"{}", "application/json")


@pytest.mark.parametrize("scope", ["read", "write"])
@pytest.mark.parametrize("role", ROLES)
def test_role_is_let_in_where_declared_and_nowhere_else(world, role, scope):
    client = program(factories.token(account(role), scope)[1])
    for name, declared in STAFF.items():
        for method in METHODS:
            status = ask(client, method, world(name)).status_code
            declared_for = declared.get("get" if method == "head" else method)
            if method == "options":  # tells the methods to whoever may read what the address is about
                declared_for = declared.get("options") or declared.get("get", ALL)
            where = f"{method} {world(name)} as {role} with a {scope} token: {status}"
            if declared_for is None:
                # A method that is not there is not told to whom it would be refused.
                assert status in (403, 405), where
            elif not (role in declared_for or (role == "g" and "s" in declared_for)) or (
                scope == "read" and method not in ("get", "head", "options") and name not in READING
            ):
                hidden = any(role in roles and name in names for roles, names in OWN_ONLY.items())
                assert status == 403 or (hidden and (status == 404 or method == "options")), where
            else:
                # 409: no end ahead to cancel; 415: takes files
                assert status in (200, 201, 204, 400, 409, 415, 428), where


def test_nobody_without_credentials_is_let_in(world):
    client = program()
    for name in STAFF:
        for method in METHODS:
            answer = ask(client, method, world(name))
            assert answer.status_code == 401, f"{method} {world(name)}"
            assert answer["Content-Type"] == "application/problem+json"


@pytest.mark.parametrize(("role", "has_factor"), [("a", True), ("x", False)])  # no address asks who it is that lacks it
def test_session_without_the_second_factor_is_answered_nothing(world, settings, role, has_factor):
    settings.SECOND_FACTOR = "all"
    user, client = account(role), Client(raise_request_exception=False)
    if has_factor:
        factories.second_factor(user)
    client.force_login(user)
    for name in STAFF:
        for method in METHODS:
            answer = client.generic(method.upper(), world(name), b"", "application/json")
            assert answer.status_code == 403, f"{method} {world(name)}"
            assert method == "head" or answer.json()["code"] == "permission_denied"


def test_token_made_without_the_factor_ends_when_the_account_needs_one(world, settings):
    for role in ROLES:
        user = account(role)
        old, with_factor = (program(factories.token(user, with_factor=made)[1]) for made in (False, True))
        index = world("api:index")
        assert ask(old, "get", index).status_code == 200
        settings.SECOND_FACTOR = "all"
        refused = ask(old, "get", index)
        assert (refused.status_code, "二次验证" in refused.json()["detail"]) == (401, True)
        assert ask(with_factor, "get", index).status_code == 200
        settings.SECOND_FACTOR = "none"


def test_account_without_permissions_sees_the_index_and_the_description_only(world):
    client = program(factories.token(factories.user(), "write")[1])
    for name in STAFF:
        for method in METHODS:
            status = ask(client, method, world(name)).status_code
            if name in ("api:index", "api:schema", "api:docs"):
                assert status in (200, 403, 405)
            else:
                assert status in (403, 405), f"{method} {world(name)}: {status}"


def test_public_is_read_by_everybody_and_written_by_nobody(world):
    boss = factories.token(factories.superuser(), "write")[1]
    callers = [program(key) for key in ("", boss, "wrong")]
    for name in PUBLIC:
        for client in callers:
            for method in METHODS:
                expected = 200 if method in ("get", "head", "options") else 405
                assert ask(client, method, world(name)).status_code == expected, f"{method} {world(name)}"
