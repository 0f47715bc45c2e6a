"""Operations on memberships are taken back from their message, one or many, with all that they wrote."""

import re
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from alliance.models import Member, Membership, Representative
from tests import factories

pytestmark = pytest.mark.django_db(transaction=True)
LIST, UNDO = "/admin/alliance/member/", "/admin/undo/"


@pytest.fixture
def client(reference: None) -> Client:
    client = Client()
    client.force_login(factories.with_role("秘书处"))
    return client


@pytest.fixture
def member(reference: None) -> Member:
    found = factories.member()
    factories.membership(found, tier=factories.tier(found.alliance, "member"))
    factories.representative(found)
    return found


def periods(member: Member) -> list[tuple[Any, ...]]:
    rows = Membership.objects.filter(member=member.pk).order_by("admitted_on")
    return list(rows.values_list("tier__code", "admitted_on", "ended_on", "end_reason"))


def take_back(client: Client, answer: Any) -> Any:
    (change,) = re.findall(r'name="change" value="([^"]+)"', answer.content.decode())
    return client.post(UNDO, {"change": change}, follow=True)


def operate(client: Client, member: Member, operation: str, **values: Any) -> Any:
    answer = client.post(f"{LIST}{member.pk}/{operation}/", {"on": timezone.localdate(), **values}, follow=True)
    assert answer.redirect_chain, answer.context["form"].errors
    return answer


def test_an_end_is_taken_back_with_all_that_ended_with_it(client: Client, member: Member) -> None:
    before, people = periods(member), list(Representative.objects.values_list("pk", "valid_to"))
    answer = operate(client, member, "end", reason="withdrawal")
    assert periods(member) != before
    take_back(client, answer)
    assert periods(member) == before
    assert list(Representative.objects.values_list("pk", "valid_to")) == people


def test_a_change_of_tier_is_taken_back_unless_another_followed(client: Client, member: Member) -> None:
    higher, highest = (
        factories.tier(member.alliance, code, rank=rank) for code, rank in (("vice-chair", 2), ("chair", 1))
    )
    before = periods(member)
    first = operate(client, member, "change-tier", tier=higher.pk)
    changed = periods(member)
    take_back(client, first)
    assert periods(member) == before
    again = operate(client, member, "change-tier", tier=higher.pk)
    assert periods(member) == changed
    Membership.objects.filter(member=member.pk, tier=higher.pk).update(tier=highest.pk)
    refused = take_back(client, again)
    assert refused.status_code == 409
    assert str(member.organization) in refused.content.decode()
    assert [tier for tier, *_days in periods(member)] == ["member", "chair"]


def test_an_admission_is_taken_back(client: Client, member: Member) -> None:
    new = factories.enterprise()
    values = {"organization": new.pk, "alliance": member.alliance_id, "tier": member.memberships.get().tier_id}
    answer = client.post(f"{LIST}admit/", {**values, "on": timezone.localdate()}, follow=True)
    assert Member.objects.filter(organization=new.pk).exists()
    take_back(client, answer)
    assert not Member.objects.filter(organization=new.pk).exists()


def test_who_may_not_operate_takes_nothing_back(client: Client, member: Member) -> None:
    answer = operate(client, member, "end", reason="withdrawal")
    ended = periods(member)
    client.get("/admin/").wsgi_request.user.groups.clear()  # type: ignore[union-attr]
    (change,) = re.findall(r'name="change" value="([^"]+)"', answer.content.decode())
    assert client.post(UNDO, {"change": change}).status_code == 409
    assert periods(member) == ended
