"""Undoing an import: everything is as before, and what others have done since stays."""

import datetime
import io

import pghistory
import pytest
from django.core.management import CommandError, call_command

from registry.imports.undo.outcome import KeptReason, words_of
from registry.imports.undo.tracked_tables import children_first, tracked_tables
from registry.imports.undo.undo import NotUndoable, undo
from registry.models import Contact, Organization, SectorTag
from tests import factories
from tests.registry.imports.importing import csv_file
from tests.registry.imports.undo.undoing import applied, state

pytestmark = pytest.mark.django_db
LABELS = [
    "单位名称",
    "统一社会信用代码",
    "所属领域",
    "曾用名",
    "资质荣誉",
    "其他证照编号",
    "联系人",
    "联系电话",
    "备注",
]


def test_undoing_new_records_removes_them_with_all_that_came_with_them(tmp_path, reference):
    factories.enterprise()
    before = state()
    everything = [
        "工业机器人、机器视觉",
        "老一厂",
        "高新技术企业",
        "lei:529900T8BM49AURSDO55",
        "甲",
        factories.PHONE,
        "",
    ]
    rows = [
        ["香山一厂", factories.valid_uscc(), *everything],
        ["香山二厂", factories.valid_uscc(), "工业机器人", "", "", "", "", "", "备注"],
    ]
    batch = applied(csv_file(tmp_path, [LABELS, *rows]))
    assert state() != before
    trial = undo(batch.pk)
    assert (trial.done, trial.staying, trial.back) == (False, 0, 2 + 3 + 1 + 1 + 1 + 1)
    assert state() != before
    done = undo(batch.pk, apply=True)
    assert done.done
    assert state() == before
    batch.refresh_from_db()
    assert batch.state == "undone"
    assert batch.undone_at
    events = Organization.pgh_event_model.objects.filter(pgh_context_id=batch.undo_context)
    assert [event.pgh_label for event in events] == ["delete", "delete"]
    assert events[0].pgh_context.metadata == {"operation": "undo_import", "batch": batch.pk}


def test_undoing_changes_puts_back_values_tags_and_contacts(tmp_path, reference):
    one = factories.enterprise(name_zh="香山一厂", remarks="原来", registered_capital=None)
    for number, code in enumerate(["robots.industrial", "core-technology.machine-vision"]):
        factories.tag(one, code, is_primary=not number, evidence=f"证据{number}")
    factories.contact(one, name="原来某")
    before = state()
    labels = ["名录编号", "单位名称", "所属领域", "联系人", "备注", "注册资本（万元）"]
    one.refresh_from_db()
    path = csv_file(tmp_path, [labels, [one.registry_no, "香山新厂", "服务机器人；工业机器人", "后来某", "新", "100"]])
    batch = applied(path)
    assert Organization.objects.get().pinyin == "xiang shan xin chang"
    assert set(SectorTag.objects.values_list("sector__code", "is_primary")) == {
        ("robots.service", True),
        ("robots.industrial", False),
    }
    assert undo(batch.pk, apply=True).done
    assert state() == before


def test_second_undoing_says_so(tmp_path, reference):
    batch = applied(csv_file(tmp_path, [["企业名称"], ["香山一厂"]]))
    assert undo(batch.pk, apply=True).done
    with pytest.raises(NotUndoable, match="已撤销"):
        undo(batch.pk, apply=True)


def test_import_that_was_not_applied_cannot_be_undone():
    with pytest.raises(NotUndoable):
        undo(factories.import_batch().pk)


def test_registry_numbers_of_undone_records_are_not_given_again(tmp_path, reference):
    path = csv_file(tmp_path, [["企业名称"], ["香山一厂"]])
    batch = applied(path)
    number = Organization.objects.get().registry_no
    undo(batch.pk, apply=True)
    applied(path)
    assert Organization.objects.get().registry_no > number


# --- What others have done since


def test_record_changed_since_stays_and_needs_consent(tmp_path, reference):
    batch = applied(
        csv_file(tmp_path, [["企业名称", "所属领域"], ["香山一厂", "工业机器人"], ["香山二厂", "工业机器人"]])
    )
    Organization.objects.filter(name_zh="香山一厂").update(remarks="手工")
    trial = undo(batch.pk, apply=True)
    assert (trial.done, trial.staying, trial.belonging) == (False, 1, 1)
    told = next(table for table in trial.tables if table.model is Organization)
    (stay,) = told.stays
    assert (stay.why, stay.columns) == (KeptReason.CHANGED, ("remarks",))
    assert not undo(batch.pk, apply=True, leave=2).done
    assert undo(batch.pk, apply=True, leave=1).done
    assert list(Organization.objects.values_list("name_zh", "remarks")) == [("香山一厂", "手工")]
    assert SectorTag.objects.count() == 1


@pytest.mark.parametrize(
    ("by_hand", "label"),
    [
        (lambda one: factories.contact(one), "registry.contact"),
        (lambda one: factories.name(one), "registry.name"),
        (lambda one: factories.figures(one), "registry.annualfigures"),
        (lambda one: factories.member(who=one), "alliance.member"),
        (lambda one: factories.relation(factories.enterprise(), one), "registry.relation"),
        (lambda one: factories.enterprise(successor=one, closed_on=datetime.date(2020, 1, 1)), "registry.organization"),
    ],
)
def test_record_to_which_others_refer_stays(tmp_path, reference, by_hand, label):
    batch = applied(csv_file(tmp_path, [["企业名称", "曾用名"], ["香山一厂", "老厂"]]))
    by_hand(Organization.objects.get())
    before = state()
    trial = undo(batch.pk)
    (stay,) = (stay for table in trial.tables for stay in table.stays)
    assert (stay.why, stay.others) == (KeptReason.REFERRED, (label,))
    assert words_of(stay).startswith("有其他记录引用：")
    assert undo(batch.pk, apply=True, leave=1).done
    assert state() == before


def test_only_columns_that_nobody_changed_since_go_back(tmp_path, reference):
    one = factories.enterprise(name_zh="香山一厂", remarks="原来", source="原来", short_name="原来")
    one.refresh_from_db()
    path = csv_file(tmp_path, [["名录编号", "备注", "数据来源", "简称"], [one.registry_no, "导入", "导入", "导入"]])
    batch = applied(path)
    with pghistory.context():
        Organization.objects.filter(pk=one.pk).update(remarks="手工", website="http://example.com")
    trial = undo(batch.pk)
    assert (trial.back, trial.staying) == (1, 1)
    (stay,) = (stay for table in trial.tables for stay in table.stays)
    assert (stay.columns, stay.organization) == (("remarks",), one.pk)
    assert undo(batch.pk, apply=True, leave=1).done
    one.refresh_from_db()
    assert (one.remarks, one.source, one.short_name, one.website) == ("手工", "原来", "原来", "http://example.com")


def test_value_put_back_by_hand_is_nothing_to_ask_about(tmp_path, reference):
    one = factories.enterprise(remarks="原来")
    one.refresh_from_db()
    batch = applied(csv_file(tmp_path, [["名录编号", "备注"], [one.registry_no, "导入"]]))
    Organization.objects.update(remarks="原来")
    assert undo(batch.pk, apply=True).done


def test_columns_that_say_one_thing_stay_together(tmp_path, reference):
    one = factories.enterprise(registered_capital=1_000_000, capital_currency="CNY", capital_text="100万元")
    one.refresh_from_db()
    batch = applied(csv_file(tmp_path, [["名录编号", "注册资本（万元）"], [one.registry_no, "200"]]))
    Organization.objects.update(registered_capital=3_000_000)
    assert undo(batch.pk, apply=True, leave=1).done
    one.refresh_from_db()
    assert (one.registered_capital, one.capital_text) == (3_000_000, "200")


def test_tag_that_was_entered_again_by_hand_stays(tmp_path, reference):
    one = factories.enterprise()
    factories.tag(one, "robots.industrial", is_primary=True)
    factories.tag(one, "robots.special")
    one.refresh_from_db()
    batch = applied(csv_file(tmp_path, [["名录编号", "所属领域"], [one.registry_no, "服务机器人"]]))
    SectorTag.objects.filter(sector__code="robots.service").delete()
    factories.tag(one, "robots.special", is_primary=True)
    trial = undo(batch.pk)
    stays = [(stay.why, stay.others) for table in trial.tables for stay in table.stays]
    assert sorted(stays) == [(KeptReason.RULE, ("sector_tag_once",)), (KeptReason.RULE, ("sector_tag_one_primary",))]
    assert undo(batch.pk, apply=True, leave=2).done
    assert list(SectorTag.objects.values_list("sector__code", "is_primary")) == [("robots.special", True)]


def test_record_removed_since_stays_removed(tmp_path, reference):
    one = factories.enterprise()
    factories.contact(one, name="原来某")
    one.refresh_from_db()
    batch = applied(csv_file(tmp_path, [["名录编号", "联系人"], [one.registry_no, "后来某"]]))
    Contact.objects.all().delete()
    assert undo(batch.pk).staying == 1
    assert undo(batch.pk, apply=True, leave=1).done
    assert not Contact.objects.exists()


def test_imports_undone_in_reverse_order_leave_nothing(tmp_path, reference):
    before = state()
    first = applied(csv_file(tmp_path, [["企业名称", "备注"], ["香山一厂", "一"]]))
    second = applied(csv_file(tmp_path, [["企业名称", "备注", "曾用名"], ["香山一厂", "二", "老厂"]]))
    assert undo(first.pk).staying == 1
    assert undo(second.pk, apply=True).done
    assert undo(first.pk, apply=True).done
    assert state() == before


def test_preview_rows_and_distinctions_do_not_hold_a_record(tmp_path, reference):
    batch = applied(csv_file(tmp_path, [["企业名称"], ["香山一厂"]]))
    one = Organization.objects.get()
    row = factories.import_row(batch, organization=one, same_as=one)
    factories.distinction(one)
    assert undo(batch.pk, apply=True).done
    row.refresh_from_db()
    assert (row.organization_id, row.same_as_id) == (None, None)


# --- Rights


def test_undoing_asks_for_the_rights_that_the_import_asked_for(tmp_path, reference):
    one = factories.enterprise()
    one.refresh_from_db()
    batch = applied(csv_file(tmp_path, [["名录编号", "备注", "联系人"], [one.registry_no, "导入", "某人"]]))
    lacking = undo(batch.pk, user=factories.user("registry.change_organization"), apply=True)
    assert (lacking.done, lacking.lacking) == (False, ["registry.add_contact"])
    assert Contact.objects.exists()
    user = factories.user("registry.change_organization", "registry.add_contact")
    assert undo(batch.pk, user=user, apply=True).done
    batch.refresh_from_db()
    assert batch.undone_by == user


# --- Command


def told(*arguments):
    out = io.StringIO()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("sys.stderr", io.StringIO())
        try:
            call_command("undo_import", *arguments, stdout=out)
            code = 0
        except SystemExit as end:
            code = end.code
    return code, out.getvalue().splitlines()


def test_command_tells_what_would_happen_and_does_it(tmp_path, reference):
    before = state()
    batch = applied(csv_file(tmp_path, [["企业名称", "曾用名"], ["香山一厂", "老厂"]]))
    last = "removed 2, changed back 0, brought back 0, staying 0"
    assert told(str(batch.pk))[1][-1] == last
    assert state() != before
    code, lines = told(str(batch.pk), "--apply")
    assert (code, lines[-1]) == (0, last)
    assert state() == before
    with pytest.raises(CommandError, match="已撤销"):
        told(str(batch.pk), "--apply")


def test_command_leaves_what_was_changed_since_only_when_told_so(tmp_path, reference):
    batch = applied(csv_file(tmp_path, [["企业名称"], ["香山一厂"], ["香山二厂"]]))
    Organization.objects.filter(name_zh="香山一厂").update(remarks="手工")
    code, lines = told(str(batch.pk), "--apply")
    assert code == 1
    assert "香山一厂" in "".join(lines)
    assert "备注" in "".join(lines)
    assert Organization.objects.count() == 2
    assert told(str(batch.pk), "--apply", "--leave-changed")[0] == 0
    assert Organization.objects.get().name_zh == "香山一厂"


def test_command_refuses_an_unknown_import():
    with pytest.raises(CommandError, match="没有编号为 7 的导入"):
        told("7")


def test_tables_have_an_order_in_which_they_can_be_emptied():
    order = children_first(tracked_tables())
    assert {trace.table for trace in order} == {trace.table for trace in tracked_tables()}
    emptied = set()
    circles = {(one.table, one.column) for trace in order for one in trace.references() if not one.orders}
    assert circles == {("alliance_term", "decision_id")}
    for trace in order:
        known = {one.table for one in trace.references() if one.orders} & {other.table for other in order}
        assert known <= emptied | {trace.table}
        emptied.add(trace.table)
