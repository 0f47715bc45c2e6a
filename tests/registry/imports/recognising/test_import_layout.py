"""How somebody says what a file means: for one file, and remembered for all with the same labels."""

import pytest
from django.utils import translation

from registry.imports.reading.refusals import UnreadableFile
from registry.imports.recognising.inspection import inspect
from registry.imports.recognising.layout import IGNORED, Layout, signature
from registry.imports.tables.organizations import OrganizationImport
from registry.models import ImportMapping, Organization
from tests import factories
from tests.registry.imports.importing import csv_file, imported, reasons

pytestmark = pytest.mark.django_db


def remember(labels: list[str], **layout) -> ImportMapping:
    return ImportMapping.objects.create(
        table="organizations", signature=signature(labels), labels=labels, layout=Layout(**layout).remembered()
    )


def test_layout_says_what_columns_mean_and_leaves_the_others_as_recognised(tmp_path):
    rows = [["名头", "单位名称", "简介"], ["香山一厂", "甲", "旧"]]
    meant = {"名头": "name_zh", "单位名称": "short_name", "简介": IGNORED}
    imported(tmp_path, rows, layout=Layout(columns=meant, constants={"kind": "企业"}))
    record = Organization.objects.get()
    assert (record.name_zh, record.short_name, record.introduction) == ("香山一厂", "甲", "")


def test_meaning_that_no_column_has_any_more_changes_nothing(tmp_path):
    """A label with data that not everybody may see, remembered as a column of an earlier release."""
    layout = Layout(columns={"联系电话": "bygone"})
    report = imported(
        tmp_path, [["单位名称", "单位类型", "联系电话"], ["香山二厂", "企业", "0760-88880001"]], layout=layout
    )
    assert (report.new, report.refused) == (1, 0), reasons(report)


def test_constant_fills_what_a_row_does_not_say(tmp_path):
    rows = [["单位名称", "单位类型"], ["香山一厂", "企业"], ["香山院", ""]]
    imported(tmp_path, rows, layout=Layout(constants={"kind": "research", "source": "名单"}))
    assert dict(Organization.objects.values_list("name_zh", "kind")) == {"香山一厂": "enterprise", "香山院": "research"}
    assert set(Organization.objects.values_list("source", flat=True)) == {"名单"}


def test_constant_that_cannot_be_read_is_told_before_any_row(tmp_path):
    with pytest.raises(UnreadableFile, match="未知类型"):
        imported(tmp_path, [["单位名称"], ["香山一厂"]], layout=Layout(constants={"kind": "未知类型"}))


def test_meanings_of_values_hold_for_whole_cells_and_for_parts_of_a_list(tmp_path, reference):
    rows = [["企业名称", "所属领域", "登记状态"], ["香山一厂", "机器人整机、机器视觉", "好"], ["香山二厂", "不分", ""]]
    values = {"sectors": {"机器人整机": "工业机器人", "不分": ""}, "registration_status": {"好": "存续"}}
    report = imported(tmp_path, rows, layout=Layout(values=values))
    assert report.new == 2, reasons(report)
    tags = Organization.objects.get(name_zh="香山一厂").sector_tags.values_list("sector__code", flat=True)
    assert set(tags) == {"robots.industrial", "core-technology.machine-vision"}


def test_header_can_be_chosen_or_wanting(tmp_path):
    rows = [["甲"], ["名头", "简称"], ["香山一厂", "一"], ["香山二厂", "二"]]
    layout = Layout(header_rows={"": [2]}, columns={"名头": "name_zh"}, constants={"kind": "企业"})
    imported(tmp_path, rows, layout=layout)
    assert Organization.objects.count() == 2
    bare = Layout(header_rows={"": []}, columns={"#a": "name_zh", "#b": "short_name"}, constants={"kind": "企业"})
    report = imported(tmp_path, rows[2:], layout=bare)
    assert report.unchanged == 2, reasons(report)


def test_remembered_mapping_is_used_told_and_can_be_left_out(tmp_path):
    labels = ["名头", "序号"]
    mapping = remember(labels, columns={"名头": "name_zh"}, constants={"kind": "企业"})
    rows = [["清单"], ["序号", "名头"], [1, "香山一厂"]]
    with translation.override("en"):
        report = imported(tmp_path, rows)
        assert report.new == 1
        told = [str(one.message) for one in report.remembered]
        assert [words.partition(", as set before")[0] for words in told] == [
            "Column “名头” is read as “Organization name”",
            "“Kind” is “企业” for all rows whose own cell is blank",
        ]
    used = ImportMapping.objects.get().used_at
    assert used > mapping.used_at
    with pytest.raises(UnreadableFile):
        imported(tmp_path, rows, layout=Layout())


def test_mapping_does_not_open_a_column_to_those_who_may_not_see_it(tmp_path):
    remember(["企业名称", "某某"], columns={"某某": "contact_name"})
    user = factories.user("registry.add_organization", "registry.change_organization", "registry.view_organization")
    report = imported(tmp_path, [["企业名称", "某某"], ["香山一厂", "虚构甲"]], user=user)
    assert report.new == 1
    assert Organization.objects.get().contacts.count() == 0


# --- Inspection


def test_inspection_shows_columns_samples_and_unknown_values(tmp_path, reference):
    rows = [
        ["企业名称", "镇街", "所属领域", "印象"],
        ["香山一厂", "小榄镇", "工业机器人;机器视角", "好"],
        ["香山二厂", "小懒镇", "", "好"],
    ]
    found = inspect(OrganizationImport(), csv_file(tmp_path, rows))
    assert (found.kind, found.encoding, found.rows, found.missing) == ("csv", "utf-8-sig", 2, None)
    assert [(column.label, column.name, column.how) for column in found.columns] == [
        ("企业名称", "name_zh", "recognised"),
        ("镇街", "township", "recognised"),
        ("所属领域", "sectors", "recognised"),
        ("印象", "", ""),
    ]
    assert found.columns[0].samples == ["香山一厂", "香山二厂"]
    assert {(unknown.column, unknown.text, unknown.count) for unknown in found.unknown} == {
        ("township", "小懒镇", 1),
        ("sectors", "机器视角", 1),
    }
    town = next(unknown for unknown in found.unknown if unknown.column == "township")
    assert "小榄镇" in town.nearest
    assert "小榄镇" in town.allowed
    assert found.signature == signature(rows[0])
    assert {"name_zh", "sectors", "contact_phone"} <= {target.name for target in found.targets}
    assert all(target.group for target in found.targets)
    assert Organization.objects.count() == 0


def test_inspection_finds_the_likeliest_header_where_no_label_is_known(tmp_path):
    rows = [["清单"], ["名头", "某某"], ["香山一厂", "一"], ["香山二厂", "二"]]
    found = inspect(OrganizationImport(), csv_file(tmp_path, rows))
    assert found.sheets[0].header_rows == [2]
    assert found.layout.header_rows == {"": [2]}
    assert found.missing
    assert [column.label for column in found.columns] == ["名头", "某某"]
    meant = Layout(header_rows={"": [2]}, columns={"名头": "name_zh"})
    again = inspect(OrganizationImport(), csv_file(tmp_path, rows), meant)
    assert (again.missing, again.columns[0].how) == (None, "chosen")


def test_inspection_uses_what_is_remembered(tmp_path):
    mapping = remember(["名头", "某某"], columns={"名头": "name_zh"})
    found = inspect(OrganizationImport(), csv_file(tmp_path, [["名头", "某某"], ["香山一厂", "一"]]))
    assert found.remembered == mapping
    assert [column.how for column in found.columns] == ["remembered", ""]


def test_inspection_offers_no_column_that_the_account_may_not_see(tmp_path):
    user = factories.user("registry.view_organization")
    found = inspect(OrganizationImport(user=user), csv_file(tmp_path, [["企业名称", "联系人"], ["香山一厂", "虚构甲"]]))
    assert "contact_name" not in {target.name for target in found.targets}
    assert found.permissions == set()
