"""Forms that come back as they were handed out: straight to the preview, with what the township says of each."""

import io

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils import translation
from python_calamine import CalamineWorkbook
from xlsxwriter import Workbook

from registry.collection import progress, workbook
from registry.imports.undo.undo import undo
from registry.models import AnnualFigures, ImportBatch, RoundOrganization
from tests import factories

pytestmark = pytest.mark.django_db
HERE = "442000001"


@pytest.fixture
def bodies(reference):
    here = factories.township(HERE)
    return [
        factories.enterprise(name_zh="中山市虚构甲有限公司", township=here),
        factories.enterprise(name_zh="中山市虚构乙有限公司", township=here),
        factories.enterprise(name_zh="中山市虚构丙有限公司", township=here),
    ]


@pytest.fixture
def client(reference):
    client = Client()
    client.force_login(factories.superuser())
    return client


def form(asking, language="zh-hans", **cells):
    """The form of the township as a file, with cells filled in: name of the organization -> label -> value."""
    file = io.BytesIO()
    with translation.override(language):
        workbook.write_form(file, asking, "虚构街道", progress.of_township(asking, HERE, None), contacts=True)
    file.seek(0)
    given = CalamineWorkbook.from_filelike(file)
    out = io.BytesIO()
    book = Workbook(out)
    for name in given.sheet_names:
        rows = given.get_sheet_by_name(name).to_python(skip_empty_area=False)
        sheet = book.add_worksheet(name)
        labels = rows[2] if len(rows) > 2 else []
        for line, row in enumerate(rows):
            for place, cell in enumerate(row):
                filled = cells.get(str(row[2]), {}) if len(row) > 3 else {}
                sheet.write(line, place, filled.get(labels[place] if place < len(labels) else "", cell))
    book.close()
    return out.getvalue()


def bring(client, asking, content):
    file = SimpleUploadedFile("填报表.xlsx", content)
    fields = {"table": "figures", "figures-round": asking.pk, "file": file}
    return client.post("/admin/imports/", fields, follow=True)


def apply(client, answer):
    batch = ImportBatch.objects.latest("pk")
    client.post(f"/admin/imports/{batch.pk}/apply/", {"confirmed": answer.context["confirmed"]})
    batch.refresh_from_db()
    return batch


def states():
    return dict(RoundOrganization.objects.values_list("organization__name_zh", "state"))


@pytest.mark.parametrize("language", ["zh-hans", "en"])
def test_form_goes_straight_to_the_preview(client, bodies, language):
    factories.figures(bodies[0], 2022, employees=7)
    asking = factories.collection_round(*bodies)
    label = {"zh-hans": "从业人员（人）", "en": "Employees"}[language]
    content = form(asking, language, 中山市虚构甲有限公司={label: 12})
    answer = bring(client, asking, content)
    batch = ImportBatch.objects.latest("pk")
    assert answer.redirect_chain[-1][0] == f"/admin/imports/{batch.pk}/"
    assert (batch.counts["new"], batch.counts["refused"]) == (1, 0)
    apply(client, answer)
    assert AnnualFigures.objects.get(year=2023).employees == 12


def test_what_the_township_says_is_kept_with_the_round_and_taken_back(client, bodies):
    asking = factories.collection_round(*bodies)
    said = {
        "中山市虚构甲有限公司": {"从业人员（人）": 12, "填报情况": "已填报"},
        "中山市虚构乙有限公司": {"填报情况": "已停业"},
        "中山市虚构丙有限公司": {"填报情况": "拒报"},
    }
    answer = bring(client, asking, form(asking, **said))
    assert "名录中登记状态为“存续”，如情况属实请修改其登记状态。" in answer.text
    assert set(states().values()) == {""}
    batch = apply(client, answer)
    assert states() == {
        "中山市虚构甲有限公司": "reported",
        "中山市虚构乙有限公司": "out_of_business",
        "中山市虚构丙有限公司": "refuses",
    }
    bodies[1].refresh_from_db()
    assert bodies[1].registration_status == "active"
    again = bring(client, asking, form(asking))
    assert ImportBatch.objects.latest("pk").counts["unchanged"] == 3
    assert again.status_code == 200
    undo(batch.pk, user=factories.superuser(), apply=True)
    assert set(states().values()) == {""}


def test_unknown_word_in_the_column_is_asked(client, bodies):
    asking = factories.collection_round(*bodies)
    answer = bring(client, asking, form(asking, 中山市虚构甲有限公司={"填报情况": "休假"}))
    assert answer.redirect_chain[-1][0].endswith("/columns/")
    assert "休假" in answer.text


def test_list_of_those_not_answered_says_how_it_stands(client, bodies):
    asking = factories.collection_round(*bodies)
    RoundOrganization.objects.filter(organization=bodies[1]).update(state="unreachable")
    file = io.BytesIO()
    with translation.override("zh-hans"):
        workbook.write_unanswered(file, asking, progress.of_township(asking, HERE, None), contacts=False)
    file.seek(0)
    _title, labels, *rows = CalamineWorkbook.from_filelike(file).get_sheet_by_index(0).to_python()
    place = labels.index("填报情况")
    assert {row[2]: row[place] for row in rows}["中山市虚构乙有限公司"] == "联系不上"
    page = client.get("/admin/registry/roundorganization/", {"round": asking.pk, "state": "unreachable"})
    assert "联系不上" in page.text


def test_the_result_says_how_far_the_township_is_and_which_comes_next(client, bodies):
    elsewhere = factories.enterprise(name_zh="中山市虚构丁有限公司", township=factories.township("442000002"))
    asking = factories.collection_round(*bodies, elsewhere)
    label = "从业人员（人）"
    answer = bring(client, asking, form(asking, **{bodies[0].name_zh: {label: 7}, bodies[1].name_zh: {label: 8}}))
    batch = apply(client, answer)
    page = client.get(f"/admin/imports/{batch.pk}/")
    again = f"/admin/imports/?table=figures&round={asking.pk}"
    (told, nothing), (following, way), (back, to_round) = page.context["afterwards"]
    assert (told.endswith("3 家已报 2 家。"), nothing) == (True, "")
    assert following.startswith("导入下一镇街：")
    assert "尚有 1 家未报" in following
    assert (way, page.context["another_url"]) == (again, again)
    assert (back, to_round) == ("返回填报进度", f"/admin/registry/collectionround/{asking.pk}/change/")
    assert client.get(again).context["form"]["figures-round"].value() == str(asking.pk)


def test_the_towns_own_account_fills_in_its_part(bodies):
    """It downloads its form, brings it back and sees how its town stands; a row of another town is refused."""
    there = factories.enterprise(name_zh="中山市虚构丁有限公司", township=factories.township("442000105"))
    asking = factories.collection_round(*bodies, there, year=2023)
    clerk = Client()
    clerk.force_login(factories.of_township(factories.township(HERE)))
    sent = clerk.get(f"/admin/registry/collectionround/{asking.pk}/forms/?township={HERE}")
    assert b"".join(sent.streaming_content).startswith(b"PK")
    filled = form(asking, **{one.name_zh: {"从业人员（人）": 12} for one in bodies[:2]})
    batch = apply(clerk, bring(clerk, asking, filled))
    assert batch.state == ImportBatch.State.APPLIED
    assert AnnualFigures.objects.filter(organization__in=bodies).count() == 2
    page = clerk.get(f"/admin/registry/collectionround/{asking.pk}/change/").content.decode()
    assert there.township.label() not in page
    theirs = io.BytesIO()
    workbook.write_form(theirs, asking, "古镇镇", progress.of_township(asking, "442000105", None), contacts=False)
    answer = bring(clerk, asking, theirs.getvalue())
    assert "不在您负责的镇街" in answer.content.decode()
