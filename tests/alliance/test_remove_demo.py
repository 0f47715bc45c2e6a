"""The demonstration data leave a registry that goes into real use; what staff have written stays."""

from io import StringIO

import pghistory
import pytest
from django.apps import apps
from django.core.management import call_command
from django.utils import translation

from alliance.models import Alliance, Member, Membership, Supporter, Tier
from registry.imports.undo.undo import undo
from registry.models import Contact, Organization, OrganizationChange
from tests import factories
from tests.registry.imports.importing import csv_file
from tests.registry.imports.undo.undoing import applied, forget_context, state

pytestmark = pytest.mark.django_db


@pytest.fixture
def empty(reference):
    """What the tables hold before the demonstration data come."""
    before = state()
    call_command("load_demo", verbosity=0)
    forget_context()
    return before


def remove(*arguments: str) -> list[str]:
    out = StringIO()
    with translation.override("en"):
        call_command("remove_demo", *arguments, stdout=out)
    forget_context()
    return out.getvalue().splitlines()


def test_untouched_demo_is_removed_whole_and_only_when_asked(empty):
    loaded = state()
    lines = remove()
    assert state() == loaded
    assert "organization: -62 ~0 +0 =0" in lines
    assert "alliance: -2 ~0 +0 =0" in lines
    assert lines[-2].startswith("A trial: nothing was removed.")
    lines = remove("--apply")
    assert lines[-2] == "The demonstration data have been removed."
    assert lines[-1].endswith("staying 0")
    assert state() == empty
    assert remove("--apply") == ["There are no demonstration data."]


def test_history_and_feed_keep_what_became_of_the_demo(empty):
    pk = Organization.objects.earliest("pk").pk
    last = Organization.objects.latest("registry_no").registry_no
    remove("--apply")
    events = apps.get_model("registry", "OrganizationEvent").objects.filter(pgh_obj_id=pk).order_by("pgh_id")
    assert [event.pgh_label for event in events] == ["insert", "delete"]
    assert [event.pgh_context.metadata["command"] for event in events] == ["load_demo", "remove_demo"]
    assert OrganizationChange.objects.get(organization_id=pk).state == "deleted"
    assert factories.enterprise().registry_no > last, "no number is given twice"


def test_enterprise_that_was_edited_stays_with_its_parts(empty):
    edited = Organization.objects.get(registry_no="ZSAI-000001")
    Organization.objects.filter(pk=edited.pk).update(short_name="改过")
    figures, contacts = edited.annual_figures.count(), edited.contacts.count()
    lines = remove("--apply")
    assert f"  ZSAI-000001 {edited.name_en}: changed since: short name" in lines
    assert lines[-2] == "The demonstration data have been removed, but for what stays."
    left = Organization.objects.get()
    assert (left.short_name, left.annual_figures.count(), left.contacts.count()) == ("改过", figures, contacts)
    assert not Alliance.objects.exists()
    assert not Member.objects.exists()
    assert f"  ZSAI-000001 {edited.name_en}: changed since: short name" in remove("--apply")


def test_organization_with_a_record_of_the_staff_stays(empty):
    other = Organization.objects.get(registry_no="ZSAI-000002")
    factories.contact(other, role=Contact.Role.OTHER)
    lines = remove("--apply")
    assert f"  ZSAI-000002 {other.name_en}: something refers to it: contact" in lines
    assert Organization.objects.get() == other


def test_alliance_with_a_real_member_stays_and_the_demo_members_leave(empty):
    alliance = Alliance.objects.get(slug="zsai")
    real = factories.member(alliance, factories.enterprise(name_zh="中山市真实虚构有限公司"))
    membership = factories.membership(real, tier=Tier.objects.get(alliance=alliance, code="member"))
    supporting = set(Supporter.objects.values_list("organization__registry_no", flat=True))
    lines = remove("--apply")
    assert any(line.startswith(f"   {alliance.name_en}: something refers to it: ") for line in lines)
    assert Alliance.objects.get() == alliance
    assert (Member.objects.get(), Membership.objects.get()) == (real, membership)
    left = set(Organization.objects.values_list("registry_no", flat=True))
    assert left == supporting | {real.organization.registry_no}
    # Once the staff has taken the supporting units out, these leave too.
    Supporter.objects.all().delete()
    assert remove("--apply")[-1].startswith("removed 3, ")
    assert Organization.objects.get() == real.organization


def test_import_on_top_stays_until_it_is_undone(empty, tmp_path):
    changed = Organization.objects.get(registry_no="ZSAI-000026")
    rows = [
        ["名录编号", "单位名称", "单位类型", "简称"],
        ["ZSAI-000026", changed.name_zh, "企业", "导入简称"],
        ["", "中山市新来虚构有限公司", "企业", ""],
    ]
    batch = applied(csv_file(tmp_path, rows))
    remove("--apply")
    assert set(Organization.objects.values_list("name_zh", flat=True)) == {changed.name_zh, "中山市新来虚构有限公司"}
    assert undo(batch.pk, apply=True).done
    forget_context()
    remove("--apply")
    assert not Organization.objects.exists()


def test_registry_without_demo_is_left_alone(reference):
    with pghistory.context(command="something else"):
        kept = factories.enterprise()
    forget_context()
    assert remove("--apply") == ["There are no demonstration data."]
    assert Organization.objects.get() == kept
