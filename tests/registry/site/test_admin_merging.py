"""Two people on one page: of each only the fields that the person touched are written."""

import pytest
from django.test import Client

from registry.models import Name, Organization, SectorTag
from tests import factories
from tests.pages import add_row, errors, form_data

pytestmark = pytest.mark.django_db


def change(obj):
    return f"/admin/registry/enterprise/{obj.pk}/change/"


def session(last_name, *permissions):
    client = Client()
    fields = {"last_name": last_name} if permissions else {"last_name": last_name, "is_superuser": True}
    client.force_login(factories.user(*permissions, **fields))
    client.cookies["django_language"] = "zh-hans"
    return client


@pytest.fixture
def enterprise(reference):
    made = factories.enterprise(short_name="旧简称", published=False, website="", category="")
    factories.tag(made, "robots.industrial", is_primary=True, evidence="旧依据")
    factories.name(made, "虚构旧名甲", kind="alias")
    factories.name(made, "虚构旧名乙", kind="alias")
    return made


def conflict(obj, theirs, mine, page=None):
    """What my page says after both have opened it, and the other has saved first; with me."""
    page = page or change(obj)
    me, other = session("张"), session("李")
    opened, their_page = form_data(me.get(page)), form_data(other.get(page))
    answer = other.post(page, theirs(their_page))
    assert answer.status_code == 302, errors(answer)
    answer = me.post(page, mine(opened))
    assert answer.status_code == 200
    return me, answer


def fields(**changes):
    return lambda data: {key: value for key, value in (data | changes).items() if value is not None}


def saved(me, answer, obj, page=None, **changes):
    again = me.post(page or change(obj), fields(**changes)(form_data(answer)))
    assert again.status_code == 302, errors(again)
    return type(obj).objects.get(pk=obj.pk)


@pytest.mark.parametrize(
    ("name", "theirs", "stored"),
    [
        ("short_name", "新简称", "新简称"),
        ("main_products", "两行\n产品", "两行\r\n产品"),
        ("category", "startup", "startup"),
        ("founded_on", "2018-02-03", "2018-02-03"),
        ("registered_capital", "300", "3000000.00"),
        ("published", "on", "True"),
    ],
)
def test_a_field_that_i_did_not_touch_keeps_what_the_other_saved(enterprise, name, theirs, stored):
    me, answer = conflict(
        enterprise, fields(**{name: theirs, "capital_currency": "CNY"}), fields(website="https://example.com")
    )
    assert "李" in " ".join(errors(answer)["__all__"])
    assert not answer.context["contests"]
    row = saved(me, answer, enterprise)
    assert str(getattr(row, name)).replace("\r\n", "\n") == stored.replace("\r\n", "\n")
    assert row.website == "https://example.com"


def test_a_checkbox_that_the_other_cleared_stays_clear(enterprise):
    Organization.objects.filter(pk=enterprise.pk).update(published=True)
    me, answer = conflict(enterprise, fields(published=None), fields(website="https://example.com"))
    assert saved(me, answer, enterprise).published is False


def test_where_both_changed_a_field_people_choose(enterprise):
    both = (fields(short_name="李的", category="startup"), fields(short_name="张的"))
    for choice, stored in (("mine", "张的"), ("theirs", "李的")):
        Organization.objects.filter(pk=enterprise.pk).update(short_name="旧简称", category="")
        me, answer = conflict(enterprise, *both)
        (contest,) = answer.context["contests"]
        assert (contest.key, contest.mine, contest.theirs) == ("short_name", "张的", "李的")
        assert "采用对方的" in answer.content.decode()
        unanswered = me.post(change(enterprise), form_data(answer))
        assert unanswered.status_code == 200, "who does not choose is asked again"
        assert "逐项选择" in " ".join(errors(unanswered)["__all__"])
        row = saved(me, unanswered, enterprise, **{contest.choice: choice})
        assert (row.short_name, row.category) == (stored, "startup")


def test_a_choice_for_mine_does_not_cover_a_later_change(enterprise):
    me, answer = conflict(enterprise, fields(short_name="李的"), fields(short_name="张的"))
    Organization.objects.filter(pk=enterprise.pk).update(short_name="再改")
    chosen = form_data(answer) | {answer.context["contests"][0].choice: "mine"}
    answer = me.post(change(enterprise), chosen)
    assert [contest.theirs for contest in answer.context["contests"]] == ["再改"]


def test_the_same_change_by_both_is_no_question(enterprise):
    me, answer = conflict(enterprise, fields(short_name="同样"), fields(short_name="同样", remarks="我的"))
    assert not answer.context["contests"]
    row = saved(me, answer, enterprise)
    assert (row.short_name, row.remarks) == ("同样", "我的")


# --- Rows


def test_rows_that_i_did_not_touch_keep_what_the_other_saved(enterprise):
    def theirs(data):
        changed = data | {"sector_tags-0-evidence": "李的依据", "names-0-DELETE": "on"}
        return add_row(changed, "names", kind="alias", name="虚构李加的", language="zh")

    def mine(data):
        return add_row(data | {"names-1-name": "虚构张改的"}, "names", kind="alias", name="虚构张加的", language="zh")

    me, answer = conflict(enterprise, theirs, mine)
    assert not answer.context["contests"]
    saved(me, answer, enterprise)
    assert SectorTag.objects.get().evidence == "李的依据"
    assert set(Name.objects.values_list("name", flat=True)) == {"虚构张改的", "虚构李加的", "虚构张加的"}


def test_a_field_of_a_row_that_both_changed_is_asked_for(enterprise):
    me, answer = conflict(
        enterprise, fields(**{"sector_tags-0-evidence": "李的"}), fields(**{"sector_tags-0-evidence": "张的"})
    )
    (contest,) = answer.context["contests"]
    saved(me, answer, enterprise, **{contest.choice: "theirs"})
    assert SectorTag.objects.get().evidence == "李的"


def test_a_row_that_i_remove_and_the_other_changed_is_asked_for(enterprise):
    both = (fields(**{"sector_tags-0-evidence": "李的"}), fields(**{"sector_tags-0-DELETE": "on"}))
    me, answer = conflict(enterprise, *both)
    (contest,) = answer.context["contests"]
    saved(me, answer, enterprise, **{contest.choice: "theirs"})
    assert SectorTag.objects.get().evidence == "李的"
    SectorTag.objects.update(evidence="旧依据")
    me, answer = conflict(enterprise, *both)
    saved(me, answer, enterprise, **{answer.context["contests"][0].choice: "mine"})
    assert not SectorTag.objects.exists()


def test_a_row_that_i_changed_and_the_other_removed_stands_as_a_new_one(enterprise):
    me, answer = conflict(enterprise, fields(**{"names-0-DELETE": "on"}), fields(**{"names-0-name": "虚构张改的"}))
    assert "作为新增行" in " ".join(errors(answer)["__all__"])
    saved(me, answer, enterprise)
    assert Name.objects.filter(name="虚构张改的").exists()


def test_the_page_of_a_member_merges_too(reference):
    member = factories.member()
    page = f"/admin/alliance/member/{member.pk}/change/"
    factories.representative(member, title="旧职务", phone="")
    me, other = session("张"), session("李")
    opened = form_data(me.get(page))
    theirs_now = form_data(other.get(page)) | {"representatives-0-title": "新职务"}
    assert other.post(page, theirs_now).status_code == 302
    answer = me.post(page, opened | {"representatives-0-phone": factories.PHONE})
    assert answer.status_code == 200
    assert me.post(page, form_data(answer)).status_code == 302
    row = member.representatives.get()
    assert (row.title, row.phone) == ("新职务", factories.PHONE)


# --- What pages tell


def test_the_version_tells_nothing_of_rows_that_the_account_may_not_see(enterprise):
    clerk = session("录", "registry.view_organization", "registry.change_organization", "registry.view_name")
    before = clerk.get(change(enterprise)).context
    factories.contact(enterprise)
    factories.figures(enterprise)
    after = clerk.get(change(enterprise)).context
    assert before["version"] == after["version"]
    assert before["carried"] == after["carried"]
    factories.name(enterprise, kind="alias")
    assert clerk.get(change(enterprise)).context["version"] != after["version"]


def test_a_version_cannot_be_computed_without_the_key(enterprise, settings):
    clerk = session("录", "registry.view_organization", "registry.change_organization")
    before = clerk.get(change(enterprise)).context["version"]
    settings.SECRET_KEY = "another key " * 6
    clerk.force_login(factories.superuser())
    assert before not in clerk.get(change(enterprise)).context["version"]
    assert len(before) == 16


def test_a_garbled_digest_asks_instead_of_overwriting(enterprise):
    me = session("张")
    opened = form_data(me.get(change(enterprise))) | {"_loaded": "{", "short_name": "张的"}
    Organization.objects.filter(pk=enterprise.pk).update(short_name="李的")
    answer = me.post(change(enterprise), opened)
    assert [contest.key for contest in answer.context["contests"]] == ["short_name"]
