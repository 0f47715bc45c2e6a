"""Each rule of memberships, asked by every way of writing: operations, forms, API and files decide alike.

They say the same words too, with days as each of them writes days. Where words must differ, the case says how.
"""

import datetime
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
import time_machine
from django.core.exceptions import NON_FIELD_ERRORS, ValidationError
from django.test import Client
from django.utils import translation
from django.utils.formats import date_format

from alliance.members.imports.memberships import MembershipImport
from alliance.members.operations import actions
from alliance.models import Alliance, Membership, Tier
from registry.models import Organization
from tests import api, factories
from tests.registry.imports.importing import csv_file, told

pytestmark = pytest.mark.django_db
DAY = re.compile(r"\d{4}-\d{2}-\d{2}")
NAME = "中山市示例规章有限公司"
Told = list[tuple[str, str]]
"""Parameter of the operation, empty where none is to blame, and English words."""

EMPTY_PERIOD = "The end must be later than the beginning: the period would be empty or reversed."
CLOSED = (
    "Its registration status is “deregistered”: a body that is closed cannot be admitted, nor change its tier. "
    "For a day before its end, record first when it was closed."
)
OVERLAP = "The organization is a member in a part of this period already."


@dataclass(frozen=True)
class Case:
    what: str
    values: dict[str, str]
    """What is asked for, by parameter of the operation; a tier by its code."""
    at: str = ""
    says: str | dict[str, str] = ""
    """The words, or the words of each way; empty where the membership is written."""
    alliance: dict[str, str] = field(default_factory=dict)
    organization: dict[str, str] = field(default_factory=dict)
    tier: dict[str, str] = field(default_factory=dict)
    """Of the tier that is asked for."""
    periods: tuple[tuple[str, str | None], ...] = ()
    """Those that the organization has at the tier `member`, and their number is M0007."""

    def words(self, way: str) -> str:
        return self.says if isinstance(self.says, str) else self.says[way]


def same(words: str, **others: str) -> dict[str, str]:
    return dict.fromkeys(("action", "form", "api", "file"), words) | others


NEW = {"tier": "council", "on": "2022-01-01"}
HELD = (("2020-01-01", None),)
ENDED = (("2020-01-01", "2021-01-01"),)

ADMISSIONS = [
    Case("an organization that is no member", NEW),
    Case(
        "a tier of another alliance",
        {"tier": "special", "on": "2022-01-01"},
        "tier",
        same(
            "This tier belongs to another alliance.",
            api="There is no tier “special”.",
            file="“级别special” is not a known tier. There are: 会员单位 / 理事单位.",
        ),
    ),
    Case(
        "a tier on the day from which it is disabled",
        NEW,
        "tier",
        "This tier is not given any more since 2022-01-01.",
        tier={"disabled_on": "2022-01-01"},
    ),
    Case("a tier on the day before it is disabled", NEW, tier={"disabled_on": "2022-01-02"}),
    Case(
        "a day before the founding of the alliance",
        NEW,
        "on",
        "The alliance was founded on 2022-01-02.",
        alliance={"founded_on": "2022-01-02"},
    ),
    Case("the day of the founding of the alliance", NEW, alliance={"founded_on": "2022-01-01"}),
    Case(
        "the day of the dissolution of the alliance",
        NEW,
        "on",
        "The alliance was dissolved on 2022-01-01.",
        alliance={"dissolved_on": "2022-01-01"},
    ),
    Case("the day before the dissolution of the alliance", NEW, alliance={"dissolved_on": "2022-01-02"}),
    Case(
        "an organization that is closed since a day that nobody knows",
        NEW,
        "organization",
        same(CLOSED, file=f"{CLOSED} Give the end date of a membership that has ended."),
        organization={"registration_status": "deregistered"},
    ),
    Case(
        "the day on which the organization was closed",
        NEW,
        "on",
        "The organization was closed on 2022-01-01.",
        organization={"registration_status": "deregistered", "closed_on": "2022-01-01"},
    ),
    Case(
        "the day on which an organization was closed whose status says nothing of it",
        NEW,
        "on",
        "The organization was closed on 2022-01-01.",
        organization={"closed_on": "2022-01-01"},
    ),
    Case(
        "the day before the organization was closed",
        NEW,
        organization={"registration_status": "deregistered", "closed_on": "2022-01-02"},
    ),
    Case(
        "a day within a membership without end",
        NEW,
        says=same("It is a member already: 会员单位 since 2020-01-01.", file=f"{OVERLAP} (2020-01-01 –)"),
        periods=HELD,
    ),
    Case(
        "the last day of a membership that has ended",
        NEW | {"on": "2020-12-31"},
        says=same(
            "It is a member already: 会员单位 from 2020-01-01 until 2021-01-01.",
            file=f"{OVERLAP} (2020-01-01 – 2021-01-01)",
        ),
        periods=ENDED,
    ),
    Case("the first day without, again", NEW | {"on": "2021-01-01"}, periods=ENDED),
    Case(
        "a day before another membership begins",
        NEW | {"on": "2019-06-01"},
        says=same(
            "A membership (会员单位) begins on 2020-01-01 already: admit it from a later day, or correct that one.",
            file=f"{OVERLAP} (2020-01-01 – 2021-01-01)",
        ),
        periods=ENDED,
    ),
    Case(
        "another number than before",
        NEW | {"member_no": "B1"},
        "member_no",
        "It was a member before and keeps its number M0007.",
        periods=ENDED,
    ),
    Case("the same number as before", NEW | {"member_no": "M0007"}, periods=ENDED),
    Case(
        "the number of another member",
        NEW | {"member_no": "A9"},
        says="Another member of the alliance has this number.",
    ),
    Case("a free number", NEW | {"member_no": "A10"}),
]

CHANGES = [
    Case("another tier", NEW, periods=HELD),
    Case(
        "a day before the membership",
        NEW | {"on": "2019-06-01"},
        "on",
        same(
            words := "It is not a member on 2019-06-01, so that no tier can change.",
            file=f"{words} For an admission, give the day in a column 入会日期 “Joined on”.",
        ),
        periods=HELD,
    ),
    Case(
        "the same tier",
        NEW | {"tier": "member"},
        "tier",
        "It is 会员单位 since 2020-01-01 already. If the day is wrong, correct that period.",
        periods=HELD,
    ),
    Case(
        "the day of admission",
        NEW | {"on": "2020-01-01"},
        "on",
        "It has become 会员单位 on this very day. Choose a later day.",
        periods=HELD,
    ),
    Case(
        "a tier on the day from which it is disabled",
        NEW,
        "tier",
        "This tier is not given any more since 2022-01-01.",
        tier={"disabled_on": "2022-01-01"},
        periods=HELD,
    ),
    Case("a tier on the day before it is disabled", NEW, tier={"disabled_on": "2022-01-02"}, periods=HELD),
    Case(
        "the day of the dissolution of the alliance",
        NEW,
        "on",
        "The alliance was dissolved on 2022-01-01.",
        alliance={"dissolved_on": "2022-01-01"},
        periods=HELD,
    ),
    Case(
        "the day on which the organization was closed",
        NEW,
        "on",
        "The organization was closed on 2022-01-01.",
        organization={"closed_on": "2022-01-01"},
        periods=HELD,
    ),
    Case(
        "an organization that is closed since a day that nobody knows",
        NEW,
        says=same(CLOSED, file=f"{CLOSED} Give the end date of a membership that has ended."),
        organization={"registration_status": "deregistered"},
        periods=HELD,
    ),
    Case(
        "an organization that is closed, of a membership whose end is known",
        NEW,
        organization={"registration_status": "deregistered"},
        periods=(("2020-01-01", "2027-01-01"),),
    ),
]

END = {"on": "2022-01-01", "reason": "lapse"}
ENDS = [
    Case("an end with its reason", END, periods=HELD),
    Case(
        "the day of admission as the end",
        END | {"on": "2020-01-01"},
        "on",
        same("The membership began on 2020-01-01: it can end from the day after.", file=EMPTY_PERIOD),
        periods=HELD,
    ),
    # Lists often do not say why somebody left, and a change of tier may have its other half in another list.
    Case(
        "no reason",
        END | {"reason": ""},
        "reason",
        {
            "action": "Say why the membership ends.",
            "form": "This field is required.",
            "api": '"" is not a valid choice.',
        }
        | {"file": ""},
        periods=HELD,
    ),
    Case(
        "a change of tier as the reason",
        END | {"reason": "tier_change"},
        "reason",
        {
            "action": "Say why the membership ends.",
            "form": "Select a valid choice. tier_change is not one of the available choices.",
            "api": '"tier_change" is not a valid choice.',
            "file": "",
        },
        periods=HELD,
    ),
]

CORRECTIONS = [
    Case("an end", {"ended_on": "2020-06-01", "end_reason": "lapse"}, periods=HELD),
    Case(
        "the beginning as the end",
        {"ended_on": "2020-01-01"},
        "ended_on",
        EMPTY_PERIOD,
        periods=HELD,
    ),
    Case(
        "a reason without an end",
        {"end_reason": "lapse"},
        says="A reason of the end needs the end date.",
        periods=HELD,
    ),
]

CASES = [
    *(("admit", case) for case in ADMISSIONS),
    *(("change_tier", case) for case in CHANGES),
    *(("end", case) for case in ENDS),
    *(("correct", case) for case in CORRECTIONS),
]


@pytest.fixture(autouse=True)
def today():
    with time_machine.travel("2026-06-01T12:00:00+08:00", tick=False), translation.override("en"):
        yield


def prepare(case: Case) -> Organization:
    """The state before: the alliance, another one, the organization with its memberships, and another member."""
    of = factories.alliance(**{"founded_on": "2019-01-01"} | case.alliance)
    of.refresh_from_db()
    for code in ("member", "council"):
        factories.tier(of, code, **(case.tier if code == case.values.get("tier") else {}))
    factories.tier(factories.alliance("other"), "special")
    organization = factories.enterprise(name_zh=NAME, **case.organization)
    factories.member(of, factories.enterprise(name_zh="中山市另一会员有限公司"), member_no="A9")
    if case.periods:
        member = factories.member(of, organization, member_no="M0007")
        for start, end in case.periods:
            factories.membership(member, start, tier=of.tiers.get(code="member"), ended_on=end)
    organization.refresh_from_db()
    return organization


def stored() -> list[tuple[Any, ...]]:
    rows = Membership.objects.order_by("admitted_on")
    return list(rows.values_list("member__member_no", "tier__code", "admitted_on", "ended_on", "end_reason"))


def given(case: Case) -> dict[str, Any]:
    """The values of the operation: tiers and days for codes and texts."""
    values: dict[str, Any] = dict(case.values)
    for name, text in values.items():
        if name == "tier":
            values[name] = Tier.objects.get(code=text)
        elif DAY.fullmatch(text):
            values[name] = datetime.date.fromisoformat(text)
    return values


# --- The ways


def by_action(operation: str, case: Case, organization: Organization, folder: Path) -> Told:
    values = given(case)
    try:
        if operation == "admit":
            actions.admit(organization, Alliance.objects.get(slug="test"), **values)
        elif operation == "correct":
            actions.correct(Membership.objects.get(), reason="录入有误", **values)
        else:
            getattr(actions, operation)(Membership.objects.get().member, **values)
    except ValidationError as error:
        errors = error.message_dict if hasattr(error, "error_dict") else {"": error.messages}
        return [("" if name == NON_FIELD_ERRORS else name, words) for name in errors for words in errors[name]]
    return []


def by_form(operation: str, case: Case, organization: Organization, folder: Path) -> Told:
    client = Client(headers={"accept-language": "en"})
    client.force_login(factories.superuser())
    sent = {name: value.pk if name == "tier" else value for name, value in given(case).items()}
    address = "/admin/alliance/member/"
    if operation == "admit":
        address += "admit/"
        sent |= {"organization": organization.pk, "alliance": Alliance.objects.get(slug="test").pk}
    elif operation == "correct":
        membership = Membership.objects.get()
        address += f"correct/{membership.pk}/"
        said = {"tier": membership.tier_id, "admitted_on": membership.admitted_on, "reason": "录入有误"}
        sent = said | sent
    else:
        address += f"{Membership.objects.get().member_id}/{operation.replace('_', '-')}/"
    answer: Any = client.post(address, sent)
    if answer.status_code == 302:
        return []
    errors = answer.context["form"].errors
    return [("" if name == NON_FIELD_ERRORS else name, words) for name in errors for words in errors[name]]


API_NAMES = {"admit": {"on": "admitted_on"}, "end": {"on": "ended_on", "reason": "end_reason"}}


def by_api(operation: str, case: Case, organization: Organization, folder: Path) -> Told:
    client = api.root()
    names = API_NAMES.get(operation, {})
    body = {names.get(name, name): text for name, text in case.values.items()}
    if operation == "admit":
        answer = client.post("alliances/test/members/", body | {"organization": organization.registry_no})
    elif operation == "correct":
        answer = client.patch(f"memberships/{Membership.objects.get().pk}/", body | {"reason": "录入有误"})
    else:
        answer = client.post(f"memberships/{Membership.objects.get().pk}/{operation.replace('_', '-')}/", body)
    if answer.status_code < 300:
        return []
    parameters = {name: parameter for parameter, name in names.items()}
    problem = answer.json()
    errors = problem.get("errors") or [{"detail": problem["detail"]}]
    places = [error.get("pointer", "").removeprefix("/") for error in errors]
    return [(parameters.get(at, at), error["detail"]) for at, error in zip(places, errors, strict=True)]


LABELS = {
    "tier": "会员级别",
    "on": "起始日期",
    "member_no": "会员编号",
    "admitted_on": "起始日期",
    "ended_on": "终止日期",
    "end_reason": "终止原因",
    "reason": "终止原因",
}


def by_file(operation: str, case: Case, organization: Organization, folder: Path) -> Told:
    labels = LABELS | {"change_tier": {"on": "变更日期"}, "end": {"on": "终止日期"}}.get(operation, {})
    row = {labels[name]: text for name, text in case.values.items()}
    row = {"单位名称": organization.name_zh, "会员级别": ""} | row
    if "tier" in case.values:
        row["会员级别"] = Tier.objects.get(code=case.values["tier"]).name_zh
    if operation in ("end", "correct"):
        row["起始日期"] = Membership.objects.get().admitted_on.isoformat()
    report = MembershipImport(slug="test").run(csv_file(folder, [[*row], [*row.values()]]), apply=True)
    report.table.close()
    parameters = {label: name for name, label in labels.items() if name in case.values}
    return [
        (parameters.get(column, "organization" if column == "单位名称" else ""), words)
        for _row, column, words in told(report)
    ]


WAYS: dict[str, Callable[..., Told]] = {"action": by_action, "form": by_form, "api": by_api, "file": by_file}


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize(
    ("operation", "case"), [pytest.param(*pair, id=f"{pair[0]}: {pair[1].what}") for pair in CASES]
)
def test_rule_of_memberships_decides_alike(tmp_path: Path, operation: str, case: Case, way: str) -> None:
    organization = prepare(case)
    before = stored()
    errors = WAYS[way](operation, case, organization, tmp_path)
    words = case.words(way)
    if way != "file":
        words = DAY.sub(lambda day: date_format(datetime.date.fromisoformat(day[0]), "DATE_FORMAT"), words)
    if words:
        at, told_words = errors[0]
        assert told_words == words
        assert at == case.at or way == "file", "files tell the column that they have"
        assert stored() == before
    else:
        assert not errors
        assert stored() != before
