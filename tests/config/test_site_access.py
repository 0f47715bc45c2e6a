"""Every address outside the APIs (the staff's site, languages, probes), with every method, for every role.

A new address without a line fails. Roles by letter: - nobody, v viewer, r registrar, t township registrar (of no
township), w reviewer, s secretariat, g secretary-general, a auditor, m administrator, x superuser. The
secretary-general may all that the secretariat may. The addresses of the APIs are in test_api_access.py.
"""

import re
import uuid
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import pghistory
import pytest
from axes.models import AccessAttempt
from django.apps import apps
from django.contrib.admin.models import LogEntry
from django.contrib.auth.models import Group, User
from django.contrib.contenttypes.models import ContentType
from django.db import transaction
from django.template import loader
from django.template.response import SimpleTemplateResponse
from django.test import Client
from django.urls import URLResolver, get_resolver

from alliance.models import Membership
from registry.directory import files
from registry.models import Organization, RoundOrganization
from registry.second_factor import ALL as EVERY_ROLE
from registry.security.events import record
from registry.security.models import EventKind
from tests import factories

pytestmark = pytest.mark.django_db

ROLES = {
    "-": "",
    "v": "查询员",
    "r": "录入员",
    "t": "镇街填报员",
    "w": "审核员",
    "s": "秘书处",
    "g": "秘书长",
    "a": "审计员",
    "m": "系统管理员",
    "x": "",
}
NOBODY, STAFF = "-", "vrtwsamx"
MODELS: dict[str, tuple[str, str, str, str]] = {
    # who views, adds, changes, deletes
    "registry/organization": (STAFF, "rtwx", "rwx", ""),
    "registry/enterprise": (STAFF, "rtwx", "rwx", ""),
    "registry/institute": (STAFF, "rtwx", "rwx", ""),
    "registry/collectionround": ("rtwax", "rwx", "rwx", ""),
    "registry/roundorganization": ("rtwax", "", "", ""),
    "registry/importbatch": ("rwamx", STAFF, "rwamx", ""),  # `add` leads to the page where imports begin
    "registry/disclosure": ("ax", "", "", ""),
    "registry/receipt": ("ax", "", "", ""),
    "registry/erasure": ("amx", "", "", ""),
    "registry/securityevent": ("ax", "", "", ""),
    "registry/importmapping": ("amx", "", "", "mx"),
    "registry/plan": (STAFF, "mx", "mx", ""),
    "registry/sector": (STAFF, "mx", "mx", ""),
    "registry/sectormeasures": ("rwax", "rwx", "rwx", ""),
    "registry/figuresrelease": (STAFF, "wx", "wx", ""),
    "registry/township": (STAFF, "mx", "mx", ""),
    "registry/zone": (STAFF, "mx", "mx", ""),
    "registry/grading": (STAFF, "mx", "mx", ""),
    "registry/uscccategory": (STAFF, "mx", "mx", ""),
    "registry/sizestandard": (STAFF, "mx", "mx", ""),
    "registry/apitoken": ("amx", STAFF, "amx", ""),  # everybody issues their own; no field can be changed
    "alliance/alliance": (STAFF, "mx", "smx", ""),
    "alliance/standardtier": (STAFF, "mx", "mx", ""),
    "alliance/term": (STAFF, "sx", "sx", ""),
    "alliance/group": (STAFF, "sx", "sx", ""),
    "alliance/certificate": (STAFF, "sx", "sx", ""),  # `add` leads to the page of issuing
    "alliance/certificatesettings": (STAFF, "sx", "sx", ""),
    "alliance/meeting": ("samx", "sx", "sx", "sx"),
    "alliance/decision": ("samx", "", "", ""),
    "alliance/application": ("rwsax", "rwsx", "", ""),
    "alliance/duesstandard": ("sax", "sx", "sx", ""),
    "alliance/due": ("sax", "sx", "sx", ""),  # `add` leads to the page that draws dues up
    "alliance/payment": ("sax", "sx", "sx", ""),
    "alliance/member": (STAFF, STAFF, "sx", ""),  # `add` leads to the page of admissions
    "registry/accountrequest": ("rwsamx", "", "", ""),
    "auth/user": ("amx", "mx", "mx", ""),
    "auth/group": ("amx", "x", "x", ""),
    "admin/logentry": ("amx", "", "", ""),
    "axes/accessattempt": ("amx", "", "", "mx"),
}
ALL = NOBODY + STAFF
DIRECTORY = {
    "": "",
    "list/": "list/",
    "s/<str:code>/": "s/robots/",
    "t/<str:code>/": "t/442000118/",
    "institutes/": "institutes/",
    "landscape/": "landscape/",
    "statistics/": "statistics/",
    "o/(?P<registry_no>ZSAI-[0-9]{6,15})/": "o/{registry_no}/",
    r"o/(?P<registry_no>ZSAI-[0-9]{6,15})\.csv": "o/{registry_no}.csv",
    "o/(?P<registry_no>ZSAI-[0-9]{6,15})/correct/": "o/{registry_no}/correct/",
    "download/": "download/",
    "sitemap/": "sitemap/",
    "privacy/": "privacy/",
    "alliances/": "alliances/",
    "alliances/(?P<slug>[-a-zA-Z0-9_]+)/": "alliances/test/",
    "alliances/(?P<slug>[-a-zA-Z0-9_]+)/certificates/": "alliances/test/certificates/",
    r"alliances/(?P<slug>[-a-zA-Z0-9_]+)/application\.(?P<form>xlsx|pdf)": "alliances/test/application.xlsx",
}
"""Pattern of each page for everybody -> an address."""
ONCE = {
    r"o/(?P<registry_no>ZSAI-[0-9]{6,15})\.json": "o/{registry_no}.json",
    r"o/(?P<registry_no>ZSAI-[0-9]{6,15})\.jsonld": "o/{registry_no}.jsonld",
    r"download/organizations\.(?P<form>csv|xlsx)": "download/organizations.xlsx",
    r"download/organizations\.(?P<form>csv|xlsx)\.sha256": "download/organizations.csv.sha256",
    "sitemap.xml": "sitemap.xml",
    "sitemap-<int:number>.xml": "sitemap-1.xml",
    "robots.txt": "robots.txt",
}
PUBLIC = DIRECTORY | {f"en/{pattern}": f"en/{url}" for pattern, url in DIRECTORY.items()} | ONCE
FORMS = {pattern for pattern in PUBLIC if pattern.endswith("correct/")}
"""Where people without an account, who have no session, send something."""
PAGES: dict[str, tuple[str, str]] = {
    # who may GET, who may POST; what no method of the two is for is in ONLY
    **dict.fromkeys(PUBLIC, (ALL, ALL)),
    "i18n/setlang/": (ALL, ALL),
    "admin/": (STAFF, STAFF),
    "admin/login/": (ALL, ALL),
    "admin/logout/": (STAFF, ALL),
    "admin/password_change/": (STAFF, STAFF),
    "admin/password_change/done/": (STAFF, STAFF),
    "admin/jsi18n/": (STAFF, STAFF),
    "admin/autocomplete/": ("", STAFF),  # without a field that it is for: 403
    "admin/changes/": (STAFF, STAFF),
    "admin/preview/": (STAFF, STAFF),
    "admin/preview/public/": (STAFF, STAFF),
    "admin/preview/public/<path:address>": (STAFF, STAFF),
    "admin/preview/viewer/<path:address>": ("vrwsmx", "vrwsmx"),  # who may do all that a viewer may, in the whole city
    "admin/preview/columns/<path:resource>": (STAFF, STAFF),
    "admin/changes/<uuid:change>/": (STAFF, STAFF),  # who may not read what it wrote finds nothing there
    "admin/falling-due/": (STAFF, STAFF),
    "admin/falling-due/file/": (STAFF, STAFF),
    "admin/undo/": ("", STAFF),  # what somebody has done; without one: 400
    "admin/find/": (STAFF, "rtwsx"),  # by POST: who may see telephone numbers in full
    "admin/r/<path:content_type_id>/<path:object_id>/": (STAFF, STAFF),
    "admin/(?P<app_label>registry|auth|admin|axes|alliance)/": (STAFF, STAFF),
    "admin/(?P<url>.*)": (STAFF, STAFF),
    "admin/auth/user/<id>/password/": ("mx", "mx"),
    "admin/auth/user/<id>/reset-factor/": ("mx", "mx"),
    "admin/second-factor/": (STAFF, STAFF),
    "admin/second-factor/set-up/": (STAFF, STAFF),
    "admin/second-factor/codes/": (STAFF, STAFF),
    "admin/new-password/": (ALL, ALL),  # with a link
    "admin/registry/accountrequest/<int:pk>/decide/": ("", "rwx"),  # who holds the role to give
    "admin/registry/organization/check/": (STAFF, STAFF),
    "admin/registry/organization/suggestions/": ("rtwx", "rtwx"),
    "admin/registry/organization/overdue/": ("rtwx", "rtwx"),
    **{f"admin/registry/{kind}/<int:pk>/": (STAFF, STAFF) for kind in ("organization", "enterprise", "institute")},
    **{f"admin/registry/{kind}/enter/": ("rtwx", "rtwx") for kind in ("organization", "enterprise", "institute")},
    **{
        f"admin/registry/{kind}/<int:pk>/<slug:name>/edit/": ("rwx", "rwx")
        for kind in ("organization", "enterprise", "institute")
    },
    **{f"admin/registry/{kind}/<int:pk>/verify/": ("", "rwx") for kind in ("organization", "enterprise", "institute")},
    "admin/registry/organization/<path:object_id>/propose/": (STAFF, STAFF),
    "admin/registry/proposal/": ("vrtwsmx", "vrtwsmx"),
    "admin/registry/merger/": ("rtwx", "rtwx"),
    "admin/registry/merger/done/": ("rtwx", "rtwx"),
    "admin/registry/merger/<int:one>/<int:other>/": ("rwx", "rwx"),
    "admin/registry/merger/<int:pk>/undo/": ("wx", "wx"),
    "admin/registry/organization/<int:pk>/withdraw/": ("rwx", "rwx"),
    "admin/registry/organization/crosstab/": (STAFF, STAFF),
    "admin/registry/organization/landscape/": (STAFF, STAFF),
    "admin/registry/organization/coverage/": (STAFF, STAFF),
    "admin/registry/organization/candidates/": (STAFF, STAFF),
    "admin/registry/organization/statistics/": (STAFF, STAFF),
    "admin/registry/enterprise/crosstab/": (STAFF, STAFF),
    "admin/registry/enterprise/landscape/": (STAFF, STAFF),
    "admin/registry/enterprise/coverage/": (STAFF, STAFF),
    "admin/registry/institute/crosstab/": (STAFF, STAFF),
    "admin/registry/institute/landscape/": (STAFF, STAFF),
    "admin/registry/institute/coverage/": (STAFF, STAFF),
    "admin/registry/organization/<int:pk>/reveal/": ("", "rwx"),
    "admin/registry/enterprise/<int:pk>/reveal/": ("", "rwx"),
    "admin/registry/institute/<int:pk>/reveal/": ("", "rwx"),
    "admin/alliance/member/<int:pk>/reveal/": ("", "sx"),
    "admin/auth/user/<int:pk>/reveal/": ("", ""),  # without a number: 403
    "admin/registry/collectionround/<int:pk>/forms/": ("rtwax", "rtwax"),
    "admin/registry/collectionround/<int:pk>/unanswered/": ("rtwax", "rtwax"),
    "admin/registry/erasure/erase/": ("mx", "mx"),
    "admin/registry/erasure/processing/": ("amx", "amx"),
    "admin/registry/apitoken/": (STAFF, STAFF),  # those who may not see all see their own
    "admin/registry/receipt/": (STAFF, STAFF),  # as with tokens
    "admin/registry/importbatch/": ("rtwsamx", "rtwsamx"),  # the secretariat sees the imports of memberships
    "admin/imports/": ("rtwsx", "rtwsx"),
    "admin/imports/template/<slug:table>.xlsx": ("rtwx", "rtwx"),
    "admin/imports/<int:pk>/": ("rwamx", "rwamx"),
    "admin/imports/<int:pk>/undo/": ("rwamx", "rwamx"),
    # of somebody else's import, as all that follow: who began it goes on with it
    "admin/imports/<int:pk>/columns/": ("", ""),
    "admin/imports/<int:pk>/refused.xlsx": ("", ""),
    "admin/imports/<int:pk>/examine/": (STAFF, ""),
    "admin/imports/<int:pk>/decide/": (STAFF, ""),
    "admin/imports/<int:pk>/sectors/": (STAFF, ""),
    "admin/imports/<int:pk>/apply/": (STAFF, ""),
    "admin/imports/<int:pk>/discard/": (STAFF, ""),
    "admin/attachments/<uuid:key>/": (STAFF, STAFF),  # a key that nothing has
    "admin/alliance/alliance/<int:pk>/rename/": ("smx", "smx"),
    "admin/alliance/alliance/<int:pk>/application.xlsx": (STAFF, STAFF),
    "admin/alliance/alliance/<int:pk>/application.pdf": (STAFF, STAFF),
    "admin/alliance/member/compare/": (STAFF, STAFF),
    "admin/alliance/member/growth/": (STAFF, STAFF),
    "admin/alliance/due/draw-up/": ("sx", "sx"),
    "admin/alliance/due/undo/": ("sx", "sx"),
    "admin/alliance/due/lapse/": ("sax", "sax"),
    "admin/alliance/duesstandard/charges/": ("sax", "sax"),
    "admin/alliance/member/admit/": ("sx", "sx"),
    "admin/alliance/member/papers/": (STAFF, STAFF),
    "admin/alliance/member/<int:pk>/change-tier/": ("sx", "sx"),
    "admin/alliance/member/<int:pk>/end/": ("sx", "sx"),
    "admin/alliance/member/<int:pk>/cancel-end/": ("sx", "sx"),
    "admin/alliance/member/<int:pk>/suspend/": ("sx", "sx"),
    "admin/alliance/member/<int:pk>/resume/": ("sx", "sx"),
    "admin/alliance/member/<int:pk>/succeed/": ("sx", "sx"),
    "admin/alliance/member/correct/<int:pk>/": ("sx", "sx"),
    "admin/alliance/certificate/issue/": ("sx", "sx"),
    "admin/alliance/certificate/<int:pk>/end/": ("sx", "sx"),
    "admin/alliance/certificate/<int:pk>/returned/": ("sx", "sx"),
    "admin/alliance/certificatesettings/of/<slug:slug>/": (STAFF, STAFF),
    "admin/alliance/term/change-council/": ("sx", "sx"),
    "admin/alliance/term/<int:pk>/undo/": ("sx", "sx"),
    "admin/alliance/application/enter/": ("rwsx", "rwsx"),
    "admin/alliance/application/enter/form/": ("rwsx", "rwsx"),
    "admin/alliance/application/decide/": ("gx", "gx"),
    "admin/alliance/application/<int:pk>/edit/": ("rwsx", "rwsx"),
    "admin/alliance/application/<int:pk>/step/<slug:name>/": ("rwsx", "rwsx"),
    "admin/alliance/meeting/<int:pk>/sign-in/": ("sax", "sx"),
    "admin/alliance/meeting/<int:pk>/recount/": ("sx", "sx"),
    "admin/alliance/decision/record/<int:pk>/": ("gx", "gx"),
    "admin/alliance/decision/<int:pk>/correct/": ("gx", "gx"),
    "admin/alliance/alliance/<int:pk>/rules/": ("samx", "gmx"),
}
PREVIEWS = {
    "admin/preview/": "admin/preview/?page=/admin/registry/organization/",
    "admin/preview/public/": "admin/preview/public/",
    "admin/preview/public/<path:address>": "admin/preview/public/list/",
    "admin/preview/viewer/<path:address>": "admin/preview/viewer/admin/registry/organization/",
    "admin/preview/columns/<path:resource>": "admin/preview/columns/organizations/",
}
ONLY = {
    "post": {
        "admin/logout/",
        "admin/undo/",
        "admin/registry/accountrequest/<int:pk>/decide/",
        *(f"admin/registry/{kind}/<int:pk>/reveal/" for kind in ("organization", "enterprise", "institute")),
        "admin/alliance/member/<int:pk>/reveal/",
        "admin/auth/user/<int:pk>/reveal/",
        "admin/alliance/meeting/<int:pk>/recount/",
        *(f"admin/registry/{kind}/<int:pk>/verify/" for kind in ("organization", "enterprise", "institute")),
        *(f"admin/imports/<int:pk>/{step}/" for step in ("examine", "decide", "sectors", "apply", "discard")),
    },
    "get": {
        "admin/password_change/done/",
        "admin/jsi18n/",
        "admin/attachments/<uuid:key>/",
        "admin/autocomplete/",
        *PREVIEWS,
        *(
            f"admin/registry/{kind}/{pk}/"  # the second is answered by the first
            for kind in ("organization", "enterprise", "institute")
            for pk in ("<int:pk>", "<path:object_id>")
        ),
        *PUBLIC.keys() - FORMS,
    },
}
"""Addresses that answer 405 to the other method."""
TOKENLESS = FORMS | {pattern for pattern in PREVIEWS if "/public/" in pattern or "/viewer/" in pattern}
"""What has no forms and stores nothing."""
MISSING = {"admin/(?P<url>.*)", "admin/attachments/<uuid:key>/"}
HIDDEN = {
    "admin/registry/importbatch/<path:object_id>/change/",
    "admin/registry/importbatch/<path:object_id>/history/",
    "admin/registry/receipt/<path:object_id>/change/",
    "admin/registry/receipt/<path:object_id>/history/",
    "admin/registry/apitoken/<path:object_id>/change/",
    "admin/registry/apitoken/<path:object_id>/history/",
}
"""Who may not see the record is sent to the start page as if there were none."""
UNCHANGED = {"admin/registry/receipt/<path:object_id>/change/"}
"""Nobody changes it, so that what is posted is refused before the record is looked for."""


@cache
def declared() -> dict[str, tuple[str, str]]:
    """Pattern of each address -> who may GET and who may POST."""
    found = {}
    for model, (views, adds, changes, deletes) in MODELS.items():
        one = f"admin/{model}/<path:object_id>/"
        found |= {
            f"admin/{model}/": (views, views),
            f"admin/{model}/add/": (adds, adds),
            one: (STAFF, STAFF),  # leads to the next
            f"{one}change/": (views, changes),
            f"{one}history/": (views, views),
            f"{one}delete/": (deletes, deletes),
        }
    return found | PAGES


def patterns(entries: Any = None, prefix: str = "") -> Iterator[str]:
    for entry in get_resolver().url_patterns if entries is None else entries:
        pattern = prefix + str(entry.pattern).replace("^", "", 1).replace("$", "")
        if not isinstance(entry, URLResolver):
            yield pattern
        elif pattern not in ("api/v1/", "public/v1/"):
            yield from patterns(entry.url_patterns, pattern)


def test_every_address_has_a_declared_outcome() -> None:
    assert sorted({*patterns()} - {"(?:api|public)/"}) == sorted(declared())


def of_alliance(membership: Membership) -> dict[str, int]:
    """Model -> a row, of the models of the alliance."""
    due = factories.due()
    return {
        "alliance/member": membership.member_id,
        "alliance/certificate": factories.certificate(membership, from_list=True).pk,
        "alliance/certificatesettings": factories.certificate_settings().pk,
        "alliance/term": factories.term().pk,
        "alliance/group": factories.group().pk,
        "alliance/meeting": factories.meeting().pk,
        "alliance/decision": factories.decision().pk,
        "alliance/application": factories.application().pk,
        "alliance/duesstandard": due.dues_class.standard_id,
        "alliance/due": due.pk,
        "alliance/payment": factories.payment(due).pk,
    }


def of_registry(of: Organization) -> dict[str, int]:
    """Model -> a row, of the other models that have pages."""
    user = factories.user()
    kind = ContentType.objects.get_for_model(of)
    seen = {"username": "x", "ip_address": "127.0.0.1", "http_accept": ""}
    return {
        "registry/importbatch": factories.import_batch().pk,
        "registry/importmapping": factories.import_mapping().pk,
        "registry/collectionround": factories.collection_round(of).pk,
        "registry/roundorganization": RoundOrganization.objects.get().pk,
        "registry/institute": factories.institute().pk,
        "registry/apitoken": factories.token(user)[0].pk,
        "registry/receipt": factories.receipt(user).pk,
        "registry/sectormeasures": factories.sector_measures().pk,
        "registry/merger": factories.merger().pk,
        "registry/figuresrelease": factories.figures_release().pk,
        "registry/disclosure": factories.disclosure(of, user).pk,
        "registry/erasure": factories.erasure(user).pk,
        "registry/securityevent": record(EventKind.LOGIN, by=user).pk,
        "registry/accountrequest": factories.account_request(user, "录入员").pk,
        "admin/logentry": LogEntry.objects.create(user=user, content_type=kind, object_id=str(of.pk), action_flag=2).pk,
        "axes/accessattempt": AccessAttempt.objects.create(**seen, failures_since_start=1).pk,
    }


@pytest.fixture
def addresses(reference: None, settings: Any, tmp_path: Path) -> dict[str, str]:
    """Pattern -> an address with something at it."""
    settings.DIRECTORY_FILES = tmp_path
    of = factories.enterprise(published=True)
    membership = factories.membership(factories.member(factories.alliance("test"), of))
    own = of_registry(of) | of_alliance(membership)
    kind = ContentType.objects.get_for_model(of)
    # Pages that stand below one model and are about a row of another.
    elsewhere = {
        "admin/alliance/member/correct/<int:pk>/": membership.pk,
        "admin/alliance/decision/record/<int:pk>/": own["alliance/meeting"],
    }
    with pghistory.context(url="/admin/") as change:
        type(of).objects.filter(pk=of.pk).update(remarks="x")
    files.rebuild()

    def address(pattern: str) -> str:
        if pattern in PUBLIC:
            return "/" + PUBLIC[pattern].format(registry_no=of.registry_no)
        if pattern in PREVIEWS:
            return "/" + PREVIEWS[pattern]
        _admin, *model = pattern.split("/")[:3]
        key = "/".join(model)
        if pattern.startswith("admin/imports/"):
            key = "registry/importbatch"
        if key in MODELS and key not in own:
            own[key] = apps.get_model(key.replace("/", ".")).objects.order_by("pk").values_list("pk", flat=True)[0]
        pk = elsewhere.get(pattern, own.get(key, of.pk))
        filled = pattern.replace("<path:content_type_id>", str(kind.pk)).replace("<slug:table>", "organizations")
        filled = filled.replace("step/<slug:name>", "step/submit").replace("<slug:name>", "names")
        filled = filled.replace("<slug:slug>", "test").replace("<uuid:change>", str(change.id))
        filled = filled.replace("<uuid:key>", str(uuid.uuid4()))
        filled = filled.replace("<int:one>", str(of.pk)).replace("<int:other>", str(own["registry/institute"]))
        filled = re.sub(r"<(path:object_id|int:pk|id)>", str(pk), filled)
        return "/" + re.sub(r"\(\?P<app_label>(\w+).*\)", r"\1", filled).replace("(?P<url>.*)", "nonsense/")

    return {pattern: address(pattern) for pattern in declared()}


def client(role: str) -> Client:
    found = Client(raise_request_exception=False)
    if role != NOBODY:
        user = factories.superuser() if role == "x" else factories.user()
        user.groups.set(Group.objects.filter(name=ROLES[role]))
        found.force_login(user)
        found.get("/admin/jsi18n/")  # stores when the session began; where nothing stays each request would
    return found


def outcome(client: Client, method: str, url: str) -> int | str:
    """The status, or `login` where the answer leads there. Nothing of it stays."""
    with transaction.atomic():
        answer = client.generic(method.upper(), url)
        transaction.set_rollback(True)
    for close in answer._resource_closers:  # of files that nobody reads; close() would end the connection too
        close()
    return "login" if answer.status_code == 302 and "/login/" in answer["Location"] else answer.status_code


def expected(pattern: str, method: str, role: str) -> set[int | str]:
    let_in = declared()[pattern][method == "post"]
    may = role in let_in or (role == "g" and "s" in let_in)
    if not may and role == NOBODY:
        return {"login", 302} if pattern == "admin/logout/" else {"login"}
    if pattern in ONLY["get" if method == "post" else "post"]:
        return {405}
    if pattern in MISSING:
        return {404}
    if not may:
        looked_for = pattern in HIDDEN and not (pattern in UNCHANGED and method == "post")
        return {302} if looked_for else {403}
    return {200, 302, 400}


@pytest.mark.parametrize("role", ROLES)
def test_role_is_let_in_where_declared_and_nowhere_else(
    addresses: dict[str, str], monkeypatch: pytest.MonkeyPatch, role: str
) -> None:
    # Who is let in is decided before a page is made of it, which takes most of the time and which others test.
    monkeypatch.setattr(SimpleTemplateResponse, "rendered_content", "")
    monkeypatch.setattr(loader, "render_to_string", lambda *args, **options: "")
    one, wrong = client(role), []
    for pattern, url in addresses.items():
        # HEAD goes the way of GET: three roles show it.
        for method in ("get", "head", "post") if role in "-vx" else ("get", "post"):
            if (pattern, method) == ("admin/logout/", "post"):
                continue  # it would be nobody from here on
            found = outcome(one, method, url)
            if found not in expected(pattern, method, role):
                wrong.append(f"{method} {url} as {role}: {found}")
    assert wrong == []


PASSWORD_ALONE = {
    "admin/login/",
    "admin/logout/",
    "admin/jsi18n/",
    "admin/new-password/",
    "admin/second-factor/",
    "admin/second-factor/set-up/",
}
"""What answers somebody who has given the password and not yet the second factor, besides what answers everybody."""


@pytest.mark.parametrize(("role", "has_factor"), [("a", True), ("x", False)])  # no address asks who it is that lacks it
def test_nothing_answers_without_the_second_factor(
    addresses: dict[str, str], settings: Any, role: str, has_factor: bool
) -> None:
    settings.SECOND_FACTOR = EVERY_ROLE
    one, wrong = client(role), []
    if has_factor:
        factories.second_factor(User.objects.get(pk=one.session["_auth_user_id"]))
    for pattern, url in addresses.items():
        if declared()[pattern] == (ALL, ALL) or pattern in PASSWORD_ALONE:
            continue
        for method in ("get", "head", "post"):
            answer = one.generic(method.upper(), url)
            if answer.status_code != 302 or not answer["Location"].startswith("/admin/second-factor/"):
                wrong.append(f"{method} {url}: {answer.status_code}")
    assert wrong == []


def test_nobody_is_answered_to_other_methods(addresses: dict[str, str]) -> None:
    for role in (NOBODY, "x"):
        one = client(role)
        for url in addresses.values():
            for method in ("put", "patch", "delete", "options", "trace"):
                answer = one.generic(method.upper(), url)
                assert (answer.status_code, answer["Allow"]) == (405, "GET, HEAD, POST"), f"{method} {url}"


def test_nothing_is_posted_without_the_token_of_a_form(addresses: dict[str, str]) -> None:
    one = client("x")
    one.handler.enforce_csrf_checks = True
    for pattern, url in addresses.items():
        if pattern not in TOKENLESS:
            assert one.post(url).status_code == 403, url
