"""What an import tells of each row, and what is kept of it."""

import pghistory.models
import pytest
from django.apps import apps
from django.utils import translation

from registry.database.db_errors import Conflict
from registry.imports.options import Choices, RowsTaken
from registry.imports.pipeline.outcomes import RowOutcome
from registry.imports.tables.organizations import OrganizationImport
from registry.models import ImportBatch, Organization
from tests import factories
from tests.registry.imports.importing import csv_file, imported

pytestmark = pytest.mark.django_db


def outcomes(folder, rows, **options) -> list[RowOutcome]:
    found: list[RowOutcome] = []
    with translation.override("zh-hans"):
        imported(folder, rows, record=found.extend, **options)
    return found


def texts(outcome: RowOutcome) -> dict[str, tuple[str | None, str]]:
    return {change["column"]: (change.get("old"), change["new"]) for change in outcome.changes}


def test_outcomes_tell_old_and_new_as_a_file_would_show_them(tmp_path, reference):
    old = factories.enterprise(
        name_zh="香山一厂", township=factories.township(), registered_capital=2_000_000, capital_currency="CNY"
    )
    factories.tag(old, is_primary=True)
    factories.name(old, "香山旧厂")
    factories.identifier(old, "stock_code", "X00009")
    factories.contact(old, role="liaison", name="虚构甲", phone="0760-00000000")
    rows = [
        ["企业名称", "镇街", "注册资本（万元）", "所属领域", "曾用名", "其他证照编号", "资质荣誉", "联系人",
         "成立日期"],
        ["香山一厂", "石岐街道", "300", "机器视觉;工业机器人", "香山老厂", "lei:529900T8BM49AURSDO55", "高新技术企业",
         "虚构乙", "2015-03-01"],
        ["香山二厂", "", "", "机器视觉", "", "", "", "虚构丙", "2020.1.2"],
        ["香山一厂二", "没有镇", "", "", "", "", "", "", ""],
    ]  # fmt: skip
    changed, new, refused = outcomes(tmp_path, rows, apply=False)
    assert (changed.outcome, changed.organization, changed.name, changed.number) == ("changed", old.pk, "香山一厂", 2)
    assert texts(changed) == {
        "township": ("小榄镇", "石岐街道"),
        "registered_capital": ("200", "300"),
        "sectors": ("工业机器人", "机器视觉;工业机器人"),
        "former_names": ("香山旧厂", "香山旧厂;香山老厂"),
        "identifiers": ("stock_code:X00009", "lei:529900T8BM49AURSDO55;stock_code:X00009"),
        "qualifications": ("", "高新技术企业"),
        "contact_name": ("虚构甲", "虚构乙"),
    }
    assert (new.outcome, new.organization) == ("new", None)
    assert texts(new) == {
        "kind": (None, "企业"),
        "name_zh": (None, "香山二厂"),
        "founded_on": (None, "2020-01-02"),
        "sectors": (None, "机器视觉"),
        "contact_name": (None, "虚构丙"),
    }
    [problem] = refused.problems
    assert (refused.outcome, problem["column"], problem["value"]) == ("refused", "镇街", "没有镇")
    assert len(problem["message"]) == 2
    assert Organization.objects.count() == 1


def test_applied_outcomes_name_the_new_record_and_unchanged_rows_say_nothing(tmp_path):
    rows = [["企业名称", "简称"], ["香山一厂", "一"]]
    [new] = outcomes(tmp_path, rows)
    record = Organization.objects.get()
    assert (new.outcome, new.organization) == ("new", record.pk)
    [same] = outcomes(tmp_path, rows)
    assert (same.outcome, same.organization, same.changes) == ("unchanged", record.pk, [])


def test_outcome_of_a_town_found_in_the_address_is_told(tmp_path, reference):
    factories.enterprise(name_zh="香山一厂")
    [outcome] = outcomes(tmp_path, [["企业名称", "注册地址"], ["香山一厂", "中山市小榄镇一号路"]])
    assert texts(outcome) == {"registered_address": ("", "中山市小榄镇一号路"), "township": ("", "小榄镇")}


def test_all_or_nothing_tells_what_would_be_but_no_record(tmp_path):
    rows = [["企业名称", "成立日期"], ["香山一厂", ""], ["香山二厂", "没有"]]
    good, _bad = outcomes(tmp_path, rows, choices=Choices(take=RowsTaken.ALL_OR_NOTHING))
    assert (good.outcome, good.organization, Organization.objects.count()) == ("new", None, 0)


def test_values_that_the_account_may_not_see_are_in_no_outcome(tmp_path):
    user = factories.user("registry.add_organization", "registry.change_organization", "registry.view_organization")
    [outcome] = outcomes(tmp_path, [["企业名称", "联系人"], ["香山一厂", "虚构甲"]], user=user)
    assert "虚构甲" not in str(outcome)


# --- What is kept


def open_batch(user=None) -> ImportBatch:
    return ImportBatch.objects.create(
        table="organizations", file_name="list.csv", sha256="0" * 64, size=1, created_by=user
    )


def test_batch_is_written_with_the_rows_and_every_event_carries_it(tmp_path):
    user = factories.superuser()
    batch = open_batch(user)
    rows = [["企业名称", "联系人"], ["香山一厂", "虚构甲"], ["香山二厂", ""]]
    imported(tmp_path, rows, user=user, batch=batch)
    batch.refresh_from_db()
    assert (batch.state, batch.applied_by, batch.permissions) == ("applied", user, ["registry.view_contact"])
    assert batch.counts == {"new": 2, "changed": 0, "unchanged": 0, "refused": 0, "undecided": 0}
    context = pghistory.models.Context.objects.get(pk=batch.history_context)
    assert context.metadata["batch"] == batch.pk
    for name in ("OrganizationEvent", "ContactEvent"):
        events = apps.get_model("registry", name).objects
        assert set(events.values_list("pgh_context_id", flat=True)) == {batch.history_context}


def test_trial_of_a_batch_keeps_counts_and_leaves_it_open(tmp_path):
    batch = open_batch()
    imported(tmp_path, [["企业名称"], ["香山一厂"]], batch=batch, apply=False)
    batch.refresh_from_db()
    assert (batch.state, batch.counts["new"], Organization.objects.count()) == ("open", 1, 0)
    assert batch.examined_at


def test_batch_is_applied_once(tmp_path):
    batch = open_batch()
    imported(tmp_path, [["企业名称"], ["香山一厂"]], batch=batch)
    with pytest.raises(Conflict):
        imported(tmp_path, [["企业名称"], ["香山二厂"]], batch=batch)
    assert Organization.objects.count() == 1


def test_failure_while_writing_leaves_nothing_of_the_batch(tmp_path):
    batch = open_batch()

    class Breaks(OrganizationImport):
        def apply(self) -> None:
            super().apply()
            raise RuntimeError("the machine")

    with pytest.raises(RuntimeError):
        Breaks().run(csv_file(tmp_path, [["企业名称"], ["香山一厂"]]), apply=True, batch=batch)
    batch.refresh_from_db()
    assert (batch.state, Organization.objects.count()) == ("open", 0)
