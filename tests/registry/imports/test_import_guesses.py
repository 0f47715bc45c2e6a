"""Columns whose labels say nothing: what their content looks like is told and asked, by command and page."""

import io

import pytest
from django.core.management import CommandError, call_command
from django.test import Client
from django.utils import translation

from registry.imports.recognising.inspection import inspect
from registry.imports.recognising.layout import Layout
from registry.imports.tables.organizations import OrganizationImport
from registry.models import Contact, ImportBatch, Organization
from tests import factories
from tests.registry.imports.admin.test_admin_imports import bring, csv, page, the_batch
from tests.registry.imports.importing import csv_file

pytestmark = pytest.mark.django_db
NAMES = [f"中山市猜测{n}科技有限公司" for n in range(5)]
CODES = [factories.valid_uscc(8100 + n) for n in range(5)]
TOWNS = ["小榄镇", "石岐街道", "东区街道", "小榄镇", "古镇镇"]


@pytest.fixture
def client(client, reference):
    client.force_login(factories.superuser())
    return client


def run(path, *options):
    output = io.StringIO()
    call_command("import_organizations", str(path), *options, stdout=output)
    return output.getvalue().splitlines()


def guessed(folder, rows, user=None, layout=None):
    """Letter -> the column that it looks like."""
    found = inspect(OrganizationImport(user=user), csv_file(folder, rows), layout)
    return {column.index: column.guess.name for column in found.columns if column.guess}


def rows_of(*columns, head=()):
    return [[*head], *map(list, zip(*columns, strict=True))] if head else [*map(list, zip(*columns, strict=True))]


@pytest.mark.parametrize(
    ("cells", "name"),
    [
        (CODES, "uscc"),
        (TOWNS, "township"),
        (["2019-09-01", "2020/3/4", "2021年5月6日", "2001.1.1", ""], None),
        (["0760-88880001", "13900000002", "0760-88880003", "0760-88880004", ""], "contact_phone"),
        ([f"a{n}@example.com" for n in range(5)], "contact_email"),
        ([f"www.example{n}.com" for n in range(5)], "website"),
        (["100万元", "200万人民币", "3000万元", "50万美元", ""], "registered_capital"),
        ([CODES[0], CODES[1], CODES[2], "见附件", "见附件"], None),
        ([CODES[0]] * 5, None),
        (["3", "7", "9", "12", "13"], None),
    ],
)
def test_content_of_an_unknown_column_is_guessed(tmp_path, reference, cells, name):
    found = guessed(tmp_path, rows_of(NAMES, cells, head=("企业名称", "某某")))
    assert (found.get(1) or None) == name


def test_dates_without_a_label_may_be_the_day_of_foundation(tmp_path):
    dates = ["2019-09-01", "2020-03-04", "2021-05-06", "2001-01-01", "2002-02-02"]
    assert guessed(tmp_path, rows_of(NAMES, dates, head=("企业名称", ""))) == {1: "founded_on"}
    assert guessed(tmp_path, rows_of(NAMES, dates, head=("企业名称", "核准日期"))) == {1: ""}
    assert guessed(tmp_path, rows_of(NAMES, dates, dates, head=("企业名称", "成立日期", ""))) == {2: ""}


def test_guess_is_told_by_command_and_taken_only_where_asked(tmp_path):
    path = csv_file(tmp_path, rows_of(NAMES, CODES, head=("企业名称", "某某")))
    with translation.override("en"):
        [line] = [line for line in run(path, "--apply") if "looks like" in line]
    assert "column B “某某”, which looks like USCC (5 of 5 cells)" in line
    assert "--column “某某=uscc”" in line
    assert set(Organization.objects.values_list("uscc", flat=True)) == {None}
    assert not [line for line in run(path, "--column", "某某=uscc", "--apply") if "某某=uscc" in line]
    assert set(Organization.objects.values_list("uscc", flat=True)) == {*CODES}


def test_missing_key_column_is_refused_with_the_guess(tmp_path):
    path = csv_file(tmp_path, rows_of(["蓝"] * 5, NAMES, head=("备注", "")))
    with pytest.raises(CommandError) as caught, translation.override("en"):
        run(path)
    assert "column B, which looks like organization names (5 of 5 cells)" in str(caught.value)
    assert "--column “B=name_zh”" in str(caught.value)
    assert run(path, "--column", "B=name_zh")[-1].startswith("new 5")


def test_file_without_header_is_read_by_command_with_letters(tmp_path):
    path = csv_file(tmp_path, rows_of(["1", "2", "3", "4", "5"], NAMES, CODES))
    with pytest.raises(CommandError, match="--header-row none"):
        run(path)
    with pytest.raises(CommandError, match="B=name_zh"):
        run(path, "--header-row", "none")
    columns = ("--column", "B=name_zh", "--column", "C=uscc")
    assert run(path, "--header-row", "none", *columns, "--apply")[-1] == "new 5, changed 0, unchanged 0, refused 0"
    assert dict(Organization.objects.values_list("name_zh", "uscc")) == dict(zip(NAMES, CODES, strict=True))


def test_header_row_can_be_given_by_command(tmp_path):
    path = csv_file(
        tmp_path, [["企业名称", "备注", "统一社会信用代码"], ["名头", "", "号"], *rows_of(NAMES, ["x"] * 5, CODES)]
    )
    lines = run(path, "--header-row", "2", "--column", "名头=name_zh", "--column", "号=uscc")
    assert lines[-1] == "new 5, changed 0, unchanged 0, refused 0"
    with pytest.raises(CommandError):
        run(path, "--header-row", "2-5")


# --- By page


def choices(answer):
    """What the page has chosen for each column: the label of the column -> the name."""
    return {line["column"].label: line["chosen"] for line in answer.context["lines"]}


def send(client, answer, **changed):
    """Send the form as a browser does, with other choices for some labels."""
    chosen = choices(answer) | changed
    fields = {f"column-{line['number']}": chosen[line["column"].label] for line in answer.context["lines"]}
    for sheet in answer.context["sheets"]:
        chosen_rows = next(value for value, _label, is_chosen in sheet["options"] if is_chosen)
        fields |= {f"sheet-{sheet['number']}": "1", f"read-{sheet['number']}": "on"}
        fields[f"header-{sheet['number']}"] = chosen_rows
    return client.post(page(the_batch(), "columns"), fields, follow=True)


def test_page_asks_with_the_guess_chosen(client):
    answer = bring(client, csv(("企业名称", "某某"), *zip(NAMES, CODES, strict=True)))
    assert answer.redirect_chain[-1][0] == page(the_batch(), "columns")
    assert choices(answer) == {"企业名称": "name_zh", "某某": "uscc"}
    assert "像是统一社会信用代码：5 格中有 5 格" in answer.text
    answer = send(client, answer)
    assert answer.redirect_chain[-1][0] == page(the_batch())
    assert the_batch().layout["columns"] == {"某某": "uscc"}


def test_guess_that_a_label_may_belie_is_offered_first_but_not_chosen(client):
    phones = [f"1390000000{n}" for n in range(5)]
    answer = bring(client, csv(("企业名称", "法人手机"), *zip(NAMES, phones, strict=True)))
    assert choices(answer) == {"企业名称": "name_zh", "法人手机": ""}
    assert '<optgroup label="像是"><option value="contact_phone">联系电话</option></optgroup>' in answer.text


def test_guess_that_was_refused_is_not_chosen_again(client):
    answer = bring(client, csv(("企业名称", "某某"), *zip(NAMES, CODES, strict=True)))
    send(client, answer, 某某="")
    assert the_batch().layout["columns"] == {"某某": ""}
    assert choices(client.get(page(the_batch(), "columns"))) == {"企业名称": "name_zh", "某某": ""}


def test_file_without_header_is_read_by_page_with_two_clicks(client):
    answer = bring(client, csv(*zip("12345", NAMES, CODES, TOWNS, strict=True)))
    assert the_batch().layout["header_rows"] == {"": []}
    assert choices(answer) == {"A": "", "B": "name_zh", "C": "uscc", "D": "township"}
    answer = send(client, answer)
    assert answer.redirect_chain[-1][0] == page(the_batch())
    assert the_batch().counts["new"] == 5


def test_header_can_be_taken_back_by_page(client):
    answer = bring(client, csv(("企业名称", "某某"), *zip(NAMES, CODES, strict=True)))
    fields = {"sheet-0": "1", "read-0": "on", "header-0": "none"}
    answer = client.post(page(the_batch(), "columns"), fields, follow=True)
    assert the_batch().layout["header_rows"] == {"": []}
    assert [line["column"].label for line in answer.context["lines"]] == ["A", "B"]


def test_telephones_are_suggested_as_private_to_those_who_may_see_contacts_only(tmp_path, reference):
    phones = [f"1390000000{n}" for n in range(5)]
    rows = rows_of(NAMES, phones, phones, head=("企业名称", "某某", "联系电话"))
    assert guessed(tmp_path, [row[:2] for row in rows]) == {1: "contact_phone"}
    clerk = factories.user("registry.view_organization", "registry.add_organization", "registry.change_organization")
    assert guessed(tmp_path, rows, clerk) == {}
    found = inspect(OrganizationImport(user=clerk), csv_file(tmp_path, rows))
    assert [(column.samples, column.how) for column in found.columns[1:]] == [([], "withheld")] * 2
    client = Client()
    client.force_login(clerk)
    answer = bring(client, csv(*rows))
    assert "B “某某” 5" in answer.text  # named as unread; the account can do nothing about it
    assert "13900000001" not in answer.text
    answer = client.get(page(the_batch(), "columns"))
    assert answer.context["lines"][1]["chosen"] == ""
    assert "您的账号无权查看" in answer.text
    assert ImportBatch.objects.count() == 1
    assert not Contact.objects.exists()


def test_layout_with_a_said_column_asks_nothing(tmp_path):
    rows = rows_of(NAMES, CODES, head=("企业名称", "某某"))
    assert guessed(tmp_path, rows, layout=Layout(columns={"某某": ""})) == {}
