"""Sectors suggested for the rows of an import: for which rows, and what accepting some does."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from registry.imports import batches
from registry.imports.tables.organizations import OrganizationImport
from registry.models import ImportBatch, Organization, Sector, SectorTag
from tests import factories
from tests.registry.imports.importing import csv_file

LABELS = ["单位名称", "单位类型", "经营范围", "所属领域"]
MAKER = ["中山市虚构甲有限公司", "企业", "机器视觉、视觉检测；工业机器人", ""]
VISION, ROBOTS = "core-technology.machine-vision", "robots.industrial"

pytestmark = pytest.mark.usefixtures("reference")


def sector(code):
    return Sector.objects.get(plan__current=True, code=code).pk


def run(folder, rows, *, apply=True, user=None, labels=LABELS, accepted=None):
    """The report, and what is suggested for each row."""
    outcomes = []
    report = OrganizationImport(user=user).run(
        csv_file(folder, [labels, *rows]), apply=apply, suggest=True, record=outcomes.extend, accepted=accepted
    )
    report.table.close()
    codes = dict(Sector.objects.values_list("pk", "code"))
    return report, [[(codes[one["sector"]], one["accepted"]) for one in row.suggestions] for row in outcomes], outcomes


def counts(report):
    return report.new, report.changed, report.unchanged, report.refused


def test_rows_without_a_sector_get_suggestions_and_nothing_is_tagged(tmp_path):
    report, suggested, outcomes = run(tmp_path, [MAKER, ["中山市虚构乙有限公司", "企业", "五金", ""]])
    assert suggested == [[(VISION, False), (ROBOTS, False)], []]
    assert outcomes[0].suggestions[0]["words"] == [("scope", "机器视觉"), ("scope", "视觉检测")]
    assert counts(report) == (2, 0, 0, 0)
    assert not SectorTag.objects.exists()


def test_rows_that_name_sectors_or_whose_record_has_some_get_none(tmp_path):
    tagged = factories.enterprise(name_zh="中山市虚构乙有限公司")
    factories.tag(tagged, "robots")
    other_plan = factories.enterprise(name_zh="中山市虚构丙有限公司", scope="语音识别")
    factories.tag(other_plan, factories.sector("robots", factories.plan("later", current=False)))
    rows = [
        [*MAKER[:3], "智能终端"],
        ["中山市虚构乙有限公司", "企业", "机器视觉", ""],
        ["中山市虚构丙有限公司", "企业", "", ""],
    ]
    _report, suggested, _outcomes = run(tmp_path, rows, apply=False)
    assert suggested == [[], [], [("core-technology.speech-recognition", False)]]


def test_refused_rows_and_dismissed_suggestions_are_left_out(tmp_path):
    known = factories.enterprise(name_zh="中山市虚构乙有限公司")
    factories.dismissed_suggestion(known, VISION)
    rows = [["中山市虚构甲有限公司", "没有", "机器视觉", ""], ["中山市虚构乙有限公司", "企业", "机器视觉", ""]]
    _report, suggested, _outcomes = run(tmp_path, rows, apply=False)
    assert suggested == [[], []]


def test_accepted_suggestions_become_tags_with_evidence_in_the_same_context(tmp_path):
    known = factories.enterprise(name_zh="中山市虚构乙有限公司", scope="语音识别")
    rows = [MAKER, ["中山市虚构乙有限公司", "企业", "", ""]]
    speech = "core-technology.speech-recognition"
    accepted = {0: [sector(ROBOTS), sector(VISION)], 1: [sector(speech)]}
    report, suggested, outcomes = run(tmp_path, rows, accepted=accepted)
    assert counts(report) == (1, 1, 0, 0)
    assert suggested == [[(VISION, True), (ROBOTS, True)], [(speech, True)]]
    assert {"column": "sectors", "old": "", "new": "语音识别"} in outcomes[1].changes
    new = Organization.objects.get(name_zh=MAKER[0])
    tags = SectorTag.objects.filter(organization=new).order_by("pk")
    assert [(tag.sector.code, tag.is_primary, tag.evidence) for tag in tags] == [
        (VISION, True, "关键词：机器视觉、视觉检测（经营范围）"),
        (ROBOTS, False, "关键词：工业机器人（经营范围）"),
    ]
    assert SectorTag.objects.get(organization=known.pk).is_primary
    contexts = SectorTag.pgh_event_model.objects.values_list("pgh_context", flat=True)
    assert set(contexts) == set(
        Organization.pgh_event_model.objects.filter(pgh_obj=new.pk).values_list("pgh_context", flat=True)
    )
    again, suggested, _outcomes = run(tmp_path, rows, accepted=accepted)
    assert counts(again) == (0, 0, 2, 0)
    assert suggested == [[], []]


def test_a_file_without_a_column_of_sectors_takes_accepted_ones_too(tmp_path):
    report, _suggested, _outcomes = run(tmp_path, [MAKER[:3]], labels=LABELS[:3], accepted={0: [sector(VISION)]})
    assert counts(report) == (1, 0, 0, 0)
    assert SectorTag.objects.get().sector.code == VISION


def test_only_what_is_suggested_can_be_accepted(tmp_path):
    report, _suggested, _outcomes = run(tmp_path, [MAKER], accepted={0: [sector("robots.service")], 7: [1]})
    assert counts(report) == (1, 0, 0, 0)
    assert not SectorTag.objects.exists()


def test_a_trial_with_accepted_suggestions_writes_nothing(tmp_path):
    run(tmp_path, [MAKER], accepted={0: [sector(VISION)]}, apply=False)
    assert not SectorTag.objects.exists()


def test_an_account_that_may_not_tag_is_offered_nothing(tmp_path):
    rights = ("registry.view_organization", "registry.add_organization", "registry.change_organization")
    report, suggested, _outcomes = run(tmp_path, [MAKER], user=factories.user(*rights), accepted={0: [sector(VISION)]})
    assert counts(report) == (1, 0, 0, 0)
    assert suggested == [[]]
    assert not SectorTag.objects.exists()


# --- On the page of an import


@pytest.fixture
def client():
    client = Client()
    client.force_login(factories.superuser())
    return client


def brought(client, rows):
    text = "\n".join(",".join(row) for row in [LABELS, *rows]).encode("utf-8-sig")
    client.post("/admin/imports/", {"table": "organizations", "file": SimpleUploadedFile("名单.csv", text)})
    return ImportBatch.objects.latest("pk")


def test_suggestions_are_shown_accepted_and_written_with_the_import(client):
    batch = brought(client, [MAKER, ["中山市虚构乙有限公司", "企业", "语音识别", ""]])
    page = f"/admin/imports/{batch.pk}/"
    html = client.get(page, {"outcome": "suggested"}).content.decode()
    assert "<mark>视觉检测</mark>" in html
    assert not batches.accepted(batch)
    client.post(f"{page}sectors/", {"shown": ["0", "1"], "s-0": [sector(ROBOTS)]})
    assert batches.accepted(batch) == {0: [sector(ROBOTS)]}
    assert "checked" in client.get(page, {"outcome": "suggested"}).content.decode()
    confirmed = client.get(page).context["confirmed"]
    client.post(f"{page}apply/", {"confirmed": confirmed})
    batch.refresh_from_db()
    assert batch.state == "applied"
    tag = SectorTag.objects.get()
    assert (tag.sector.code, tag.is_primary) == (ROBOTS, True)
    event = SectorTag.pgh_event_model.objects.select_related("pgh_context").get()
    assert event.pgh_context.metadata["batch"] == batch.pk
    assert event.pgh_context_id == batch.history_context
    assert "✓" in client.get(page, {"outcome": "suggested"}).content.decode()


def test_all_suggestions_of_a_list_are_accepted_at_once_and_taken_back(client):
    batch = brought(client, [MAKER, ["中山市虚构乙有限公司", "企业", "语音识别", ""]])
    page = f"/admin/imports/{batch.pk}/"
    client.post(f"{page}sectors/", {"everything": "1"})
    assert {n: len(sectors) for n, sectors in batches.accepted(batch).items()} == {0: 2, 1: 1}
    client.post(f"{page}sectors/", {"shown": ["0", "x"], "s-0": ["x", "0"]})
    assert {n: len(sectors) for n, sectors in batches.accepted(batch).items()} == {1: 1}


def test_what_was_confirmed_without_the_sectors_is_not_applied_with_them(client):
    batch = brought(client, [MAKER])
    page = f"/admin/imports/{batch.pk}/"
    confirmed = client.get(page).context["confirmed"]
    client.post(f"{page}sectors/", {"everything": "1"})
    client.post(f"{page}apply/", {"confirmed": confirmed})
    batch.refresh_from_db()
    assert batch.state == "open"


def test_only_the_owner_accepts_sectors(client):
    batch = brought(client, [MAKER])
    other = Client()
    other.force_login(factories.superuser())
    assert other.post(f"/admin/imports/{batch.pk}/sectors/", {"everything": "1"}).status_code == 403
    assert client.get(f"/admin/imports/{batch.pk}/sectors/").status_code == 405
    assert not batches.accepted(batch)
