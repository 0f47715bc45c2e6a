"""The pages: comparing, merging, undoing and withdrawing as people press the buttons, and what they may see."""

import pytest
from django.test import Client
from django.urls import reverse

from registry.models import Merger, Organization, PairJudgement
from tests import factories

pytestmark = pytest.mark.django_db
LIST = "/admin/registry/merger/"


@pytest.fixture
def two(reference):
    town = factories.township()
    return (
        factories.organization(name_zh="中山市宏图机器人有限公司", township=town),
        factories.organization(name_zh="中山宏图机器人有限公司", township=town, website="https://b.example.com"),
    )


def session(*roles: str, user=None) -> Client:
    client = Client()
    client.force_login(user or factories.with_role(*roles))
    return client


def pair_address(one, other) -> str:
    return reverse("admin:registry_merger_pair", args=[one.pk, other.pk])


def press(client, address, do, **more):
    """Press a button of the page as it is shown."""
    seen = client.get(address).context["shown"].seen
    return client.post(address, {"do": do, "seen": seen, **more}, follow=True)


def test_a_reviewer_comes_from_the_list_to_a_merger_and_undoes_it(two):
    reviewer = session("审核员")
    listed = reviewer.get(LIST).content.decode()
    address = pair_address(*two)
    assert address in listed
    page = press(reviewer, address, "merge")
    assert "已将中山宏图机器人有限公司" in page.content.decode()
    merger = Merger.objects.get()
    assert (merger.kept_id, merger.merged_id) == (two[0].pk, two[1].pk)
    assert str(two[1]) in reviewer.get(f"{LIST}done/").content.decode()
    undo = reverse("admin:registry_merger_undo", args=[merger.pk])
    assert "恢复为独立记录" in reviewer.get(undo).content.decode()
    reviewer.post(undo)
    two[1].refresh_from_db()
    assert two[1].registration_status == "active"
    history = reviewer.get(reverse("admin:registry_organization_history", args=[two[1].pk])).content.decode()
    assert "合并记录" in history
    assert "撤销合并" in history


def test_the_page_of_a_merged_record_leads_to_the_one_that_stays(two):
    reviewer = session("审核员")
    press(reviewer, pair_address(*two), "merge")
    for page in ("page", "change"):
        own = reverse(f"admin:registry_organization_{page}", args=[two[1].pk])
        assert reviewer.get(own)["Location"] == reverse("admin:registry_organization_page", args=[two[0].pk])
        assert reviewer.get(f"{own}?itself=1").status_code == 200


def test_the_public_page_and_the_apis_lead_to_the_one_that_stays(two):
    Organization.objects.update(published=True)
    reviewer = session("审核员")
    press(reviewer, pair_address(*two), "merge")
    public = Client().get(f"/o/{two[1].registry_no}/")
    assert (public.status_code, public["Location"]) == (301, f"/o/{two[0].registry_no}/")
    answer = reviewer.get(f"/api/v1/organizations/{two[1].registry_no}/").json()
    assert (answer["registration_status"], answer["successor"]["registry_no"]) == ("merged", two[0].registry_no)
    listed = reviewer.get("/api/v1/organizations/").json()["results"]
    assert [one["registry_no"] for one in listed] == [two[0].registry_no]


def test_a_clerk_proposes_and_a_reviewer_finds_it_on_the_start_page(two):
    clerk, reviewer = session("录入员"), session("审核员")
    page = clerk.get(pair_address(*two)).content.decode()
    assert 'value="merge"' not in page
    assert press(clerk, pair_address(*two), "merge").status_code == 403
    press(clerk, pair_address(*two), "same", reason="同一地址")
    said = PairJudgement.objects.get()
    assert (said.verdict, said.reason) == ("same", "同一地址")
    cards = {one.name: one for one in reviewer.get("/admin/").context["cards"]}
    assert (cards["same-body"].number.value, cards["same-body"].url) == (1, f"{LIST}?said=same")
    assert "有1对单位被提为同一家" in reviewer.get("/admin/registry/proposal/").content.decode()
    assert "被提为同一家" not in clerk.get("/admin/registry/proposal/").content.decode()
    assert "同一地址" in reviewer.get(f"{LIST}?said=same").content.decode()


def test_a_reason_that_no_database_keeps_is_cleaned(two):
    answer = press(session("录入员"), pair_address(*two), "different", reason="两\0家")
    assert (answer.status_code, PairJudgement.objects.get().reason) == (200, "两家")


def test_not_the_same_is_kept_for_both_and_can_be_looked_up(two):
    clerk = session("录入员")
    press(clerk, pair_address(*two), "different", reason="两家")
    assert pair_address(*two) not in clerk.get(LIST).content.decode()
    assert "两家" in clerk.get(f"{LIST}?said=different").content.decode()


def test_in_the_two_persons_mode_nobody_merges_what_is_public_alone(two, settings):
    settings.TWO_PERSONS = "published"
    Organization.objects.update(published=True)
    clerk, reviewer = session("录入员"), session("审核员")
    assert press(reviewer, pair_address(*two), "merge").status_code == 403
    press(reviewer, pair_address(*two), "same")
    assert press(reviewer, pair_address(*two), "merge").status_code == 403
    PairJudgement.objects.all().delete()
    press(clerk, pair_address(*two), "same")
    press(reviewer, pair_address(*two), "same")
    press(reviewer, pair_address(*two), "merge")
    assert Merger.objects.count() == 1
    assert not two[0].proposals.exists()


def test_an_account_of_a_township_compares_only_its_own_records(two):
    own = session(user=factories.of_township(two[0].township))
    assert own.get(pair_address(*two)).status_code == 200
    Organization.objects.filter(pk=two[1].pk).update(township=factories.township("442000106"))
    assert own.get(pair_address(*two)).status_code == 403
    assert own.post(pair_address(*two), {"do": "same"}).status_code == 403


def test_figures_and_contacts_are_named_only_to_those_who_may_see_them(two):
    for number, one in enumerate(two):
        factories.figures(one, 2023, employees=70707 + number)
        factories.contact(one, role="liaison", name=f"金丝雀{number}", phone="0760-00009999")
    rights = ("registry.view_organization", "registry.change_organization", "registry.merge_organization")
    blind, reviewer = session(user=factories.user(*rights)), session("审核员")
    page = blind.get(pair_address(*two)).content.decode()
    for secret in ("70,707", "70707", "金丝雀", "00009999"):
        assert secret not in page
    assert "无权查看" in page
    page = reviewer.get(pair_address(*two)).content.decode()
    assert "70707" in page
    assert "金丝雀0" in page
    assert "00009999" not in page
    assert press(blind, pair_address(*two), "merge").status_code == 400


def test_what_is_told_in_red_has_to_be_ticked(two):
    for one in two:
        Organization.objects.filter(pk=one.pk).update(uscc=factories.valid_uscc())
    reviewer = session("审核员")
    assert press(reviewer, pair_address(*two), "merge").status_code == 400
    assert press(reviewer, pair_address(*two), "merge", confirmed="on").status_code == 200
    assert Merger.objects.count() == 1


def test_what_was_chosen_stays_chosen_when_the_page_comes_back(two):
    reviewer = session("审核员")
    stale = {"do": "merge", "seen": "old", "name_zh": "merged"}
    page = reviewer.post(pair_address(*two), stale)
    assert page.status_code == 409
    assert 'name="name_zh" value="merged" checked' in page.content.decode()


def test_a_page_of_two_records_asks_a_fixed_number_of_queries(two, django_assert_max_num_queries):
    reviewer = session("审核员")
    reviewer.get(pair_address(*two))
    for one in two:
        for number in range(6):
            factories.identifier(one, "stock_code")
            factories.name(one, f"别名{one.pk}{number}", kind="alias")
            factories.figures(one, 2010 + number)
    with django_assert_max_num_queries(76):
        reviewer.get(pair_address(*two))


def test_an_author_withdraws_an_entry_on_its_page(reference):
    clerk = session("录入员")
    one = Organization.objects.create(name_zh="中山市误录入科技有限公司", kind="enterprise")
    withdraw = reverse("admin:registry_organization_withdraw", args=[one.pk])
    assert clerk.post(withdraw).status_code == 400
    reviewer = session("审核员")
    assert withdraw in reviewer.get(reverse("admin:registry_organization_change", args=[one.pk])).content.decode()
    assert "不再使用" in reviewer.post(withdraw, follow=True).content.decode()
    assert not Organization.objects.filter(pk=one.pk).exists()
