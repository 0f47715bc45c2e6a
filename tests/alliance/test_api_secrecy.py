"""What a caller may not see shows through no column, parameter, detail or history: answers are compared with and
without the secret."""

import json
from itertools import product
from urllib.parse import urlencode

import pytest

from alliance.filtersets import AllianceFilterSet, MembershipFilterSet, OrganizationInAllianceFilterSet
from alliance.rows import INTERNAL_ROSTER_COLUMNS, MEMBERSHIP_COLUMNS
from registry.models import AnnualFigures, Contact
from registry.rows import CONTACT_COLUMNS, FIGURES_COLUMNS, ORGANIZATION_DETAIL_COLUMNS
from tests import factories
from tests.api import api, public

pytestmark = pytest.mark.django_db

NAME, PHONE, EMAIL, STAFF = "虚构密", "0760-00009999", "secret@example.com", 7654
COLUMNS = {
    column.name
    for columns in (
        ORGANIZATION_DETAIL_COLUMNS,
        MEMBERSHIP_COLUMNS,
        INTERNAL_ROSTER_COLUMNS,
        CONTACT_COLUMNS,
        FIGURES_COLUMNS,
    )
    for column in columns
}
PARAMETERS = {
    *OrganizationInAllianceFilterSet.parameters(),
    *MembershipFilterSet.parameters(),
    *AllianceFilterSet.parameters(),
}
FIELDS = {
    f"{relation}__{field.name}"
    for relation, model in (("contacts", Contact), ("annual_figures", AnnualFigures))
    for field in model._meta.fields
}
HIDDEN = {
    "contacts__phone", "contact_phone", "phone", "legal_representative", "annual_figures__revenue__gt", "revenue",
    "employees", "size_class", "representatives__name", "dues",
}  # fmt: skip
GUESSES = {*COLUMNS, *FIELDS, "contacts__phone__startswith", "annual_figures__employees__gte", "representatives__phone"}
SHAPING = ("fields", "omit", "ordering")
LISTS = {
    "staff": ("organizations/", "enterprises/", "institutes/", "memberships/", "alliances/test/members/"),
    "public": ("organizations/", "enterprises/", "institutes/", "alliances/test/members/"),
}
PROBES = ("true", "micro", "2020-01-01", "1", NAME, PHONE, EMAIL, "robots", "legal_representative")


def questions(who, registry_no):
    """Columns by name and values of every parameter in lists; every parameter and guess on a record and its history."""
    lists = LISTS[who]
    others = (f"organizations/{registry_no}/", f"organizations/{registry_no}/history/")
    shaped = [{shaping: name} for shaping, name in product(SHAPING, sorted(COLUMNS))]
    shaped += [
        {},
        {"search": NAME[:2]},
        {"format": "csv"},
        {"layout": "roster", "edition": "internal", "format": "xlsx"},
    ]
    named = [{}, *({name: NAME} for name in sorted(PARAMETERS | GUESSES))]
    valued = [{name: value} for name, value in product(sorted(PARAMETERS | HIDDEN), PROBES)]
    return [*product(lists, shaped), *product(lists, valued), *product(others, named)]


def answers(client, asked):
    """What each question is answered, without what differs from request to request."""
    found = {}
    for path, query in asked:
        url = f"{path}?{urlencode(query)}"
        response = client.get(url)
        if response.streaming:
            found[url] = response.status_code, b"".join(response.streaming_content)
            continue
        said = json.loads(response.content)
        for name in ("request_id", "next", "previous"):
            said.pop(name, None)
        found[url] = response.status_code, said
    return found


@pytest.mark.parametrize("who", ["staff", "public"])
def test_what_is_secret_changes_no_answer_to_those_who_may_not_see_it(reference, who):
    alliance = factories.alliance("test")
    of, other = factories.enterprise(published=True, industry="I65"), factories.enterprise(published=True)
    for organization in (of, other):
        factories.membership(factories.member(alliance, organization))
    if who == "public":
        client = public()
    else:
        client = api("registry.view_organization", "alliance.view_alliance", "alliance.view_membership")
    asked = questions(who, of.registry_no)
    before = answers(client, asked)
    factories.contact(of, name=NAME, phone=PHONE, email=EMAIL, title=NAME)
    factories.contact(of, role=Contact.Role.LEGAL_REPRESENTATIVE, name=NAME)
    factories.figures(of, employees=STAFF, revenue=10**10, assets=10**10)
    factories.representative(of.alliance_members.get(), name=NAME, phone=PHONE)
    after = answers(client, asked)
    assert [url for url in before if before[url] != after[url]] == []
    refusals = [url for url, (status, _said) in after.items() if status == 400]
    shown = json.dumps([str(said) for status, said in after.values() if status == 200], ensure_ascii=False)
    assert len(refusals) > len(asked) / 2
    assert PHONE not in shown
    assert EMAIL not in shown
