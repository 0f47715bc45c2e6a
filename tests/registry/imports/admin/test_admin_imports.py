"""Lists brought in the admin: upload, columns, preview, decisions, applying, and who may do and see what."""

import io
import threading

import pytest
from django.contrib.auth.models import Group
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection, connections
from django.test import Client
from django.urls import reverse
from python_calamine import CalamineWorkbook

from registry import slots
from registry.imports import batches, locks
from registry.models import Contact, Distinction, ImportBatch, ImportFile, ImportMapping, ImportRow, Organization
from tests import factories
from tests.registry.imports import any_file
from tests.registry.imports.importing import xlsx_file

START = "/admin/imports/"


@pytest.fixture
def client(client, reference):
    client.force_login(factories.superuser())
    return client


def in_role(role, *permissions):
    user = factories.user(*permissions)
    if role:
        user.groups.add(Group.objects.get(name=role))
    client = Client()
    client.force_login(user)
    return client, user


def csv(*rows):
    return "\n".join(",".join(str(cell) for cell in row) for row in rows).encode("utf-8-sig")


def bring(client, content, name="名单.csv", table="organizations", follow=True, **fields):
    file = SimpleUploadedFile(name, content)
    return client.post(START, {"table": table, "file": file, **fields}, follow=follow)


def the_batch():
    return ImportBatch.objects.latest("pk")


def page(batch, name="page"):
    return reverse(f"admin:registry_importbatch_{name}", args=[batch.pk])


def confirm(client, batch, **fields):
    confirmed = client.get(page(batch)).context["confirmed"]
    return client.post(page(batch, "apply"), {"confirmed": confirmed, **fields}, follow=True)


def labels(response):
    return [str(message) for message in response.context["messages"]]


HEAD = ("企业名称", "统一社会信用代码", "所在镇街")


def good_rows(count=2):
    return [(f"中山市导入{n}科技有限公司", factories.valid_uscc(9000 + n), "小榄镇") for n in range(count)]


# --- Bringing a list


def test_a_list_that_explains_itself_goes_straight_to_the_preview(client):
    answer = bring(client, csv(HEAD, *good_rows(), ("中山市坏镇有限公司", factories.valid_uscc(8999), "小揽镇")))
    batch = the_batch()
    assert answer.redirect_chain[-1][0] in (page(batch), page(batch, "columns"))


def test_pasted_rows_are_read_like_a_file(client):
    pasted = "\r\n".join("\t".join(row) for row in (HEAD, *good_rows()))
    answer = client.post(START, {"table": "organizations", "pasted": pasted}, follow=True)
    batch = the_batch()
    assert answer.redirect_chain[-1][0] == page(batch)
    assert batch.counts == {"new": 2, "changed": 0, "unchanged": 0, "refused": 0, "undecided": 0}
    assert batch.file_name.startswith("粘贴")


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({}, "请选择文件"),
        ({"file": SimpleUploadedFile("空.csv", b"")}, "文件是空的"),
        ({"file": SimpleUploadedFile("x.csv", b"a,b\n"), "pasted": "a\tb"}, "只保留一种"),
        ({"file": SimpleUploadedFile("x.xls", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600)}, "xlsx"),
    ],
)
def test_a_useless_upload_is_refused_in_words(client, fields, said):
    answer = client.post(START, {"table": "organizations", **fields})
    assert answer.status_code == 400
    assert said in answer.content.decode()
    assert not ImportBatch.objects.exists()


def test_memberships_ask_for_their_alliance(client):
    alliance = factories.alliance()
    factories.tier(alliance, "member")
    who = factories.enterprise()
    content = csv(("单位名称", "会员级别", "起始日期"), (who.name_zh, "会员单位", "2020-01-01"))
    assert bring(client, content, table="memberships").status_code == 400
    answer = bring(client, content, table="memberships", **{"memberships-alliance": alliance.slug})
    assert answer.status_code == 200
    assert (the_batch().options, the_batch().counts["new"]) == ({"alliance": alliance.slug}, 1)


def test_file_names_labels_and_cells_are_shown_as_text(client):
    evil = "<script>alert(1)</script>"
    content = csv((*HEAD, f"{evil}列"), (f"{evil}有限公司", "123", evil, evil))
    bring(client, content, name=f"{evil}.csv".replace("/", ""))
    batch = the_batch()
    for name in ("page", "columns"):
        html = client.get(page(batch, name), follow=True).content.decode()
        assert "<script>alert" not in html
        assert "&lt;script&gt;" in html
    assert "<script>alert" not in client.get("/admin/registry/importbatch/").content.decode()
    assert "<script>alert" not in client.get(START).content.decode()


def test_a_label_of_nothing_but_a_nul_is_no_error(client):
    sheet = [[*HEAD, "", "\0"], ["中山市虚构有限公司", "", "", "", "x"]]
    bring(client, any_file.xlsx_bytes([sheet]), name="list.xlsx")
    assert client.post(page(the_batch(), "columns"), {}, follow=True).status_code == 200
    assert "没有对应栏目" in str(the_batch().findings["facts"])


@pytest.mark.parametrize("table", ["organizations", "figures", "qualifications", "memberships"])
def test_an_empty_template_is_offered_for_each_table(client, table):
    alliance = factories.alliance()
    factories.tier(alliance, "member")
    answer = client.get(f"{START}template/{table}.xlsx", {"alliance": alliance.slug})
    assert "attachment" in answer["Content-Disposition"]
    head = CalamineWorkbook.from_filelike(io.BytesIO(answer.content)).get_sheet_by_index(0).to_python()
    assert any("统一社会信用代码" in str(cell) for row in head for cell in row)
    assert client.get(f"{START}template/nothing.xlsx").status_code == 404
    assert in_role("查询员")[0].get(f"{START}template/{table}.xlsx").status_code == 403


# --- Columns


def test_a_column_is_corrected_and_remembered(client):
    content = csv(
        ("单位全称及备注", "统一社会信用代码", "公司干啥的"),
        ("中山市甲乙科技有限公司", factories.valid_uscc(8001), "机器人"),
    )
    answer = bring(client, content)
    batch = the_batch()
    assert answer.redirect_chain[-1][0] == page(batch, "columns")
    numbers = {line["column"].label: line["number"] for line in answer.context["lines"]}
    chosen = {f"column-{numbers['单位全称及备注']}": "name_zh", f"column-{numbers['公司干啥的']}": "main_products"}
    answer = client.post(page(batch, "columns"), chosen, follow=True)
    assert answer.redirect_chain[-1][0] == page(batch)
    mapping = ImportMapping.objects.get()
    assert mapping.layout["columns"] == {"单位全称及备注": "name_zh", "公司干啥的": "main_products"}
    answer = bring(client, content, name="下一份.csv")
    assert answer.redirect_chain[-1][0] == page(the_batch())
    assert the_batch().layout["columns"] == mapping.layout["columns"]
    names = {change["column"] for change in the_batch().rows.get().changes}
    assert {"name_zh", "main_products"} <= names


def test_a_label_with_a_nul_is_remembered_without_it(client):
    sheet = [["企业\0全称", *HEAD[1:]], ["中山市虚构有限公司", *[""] * (len(HEAD) - 1)]]
    bring(client, any_file.xlsx_bytes([sheet]), name="名单.xlsx")
    client.post(page(the_batch(), "columns"), {"column-0": "name_en"}, follow=True)
    assert ImportMapping.objects.get().labels[0] == "企业全称"


def test_two_columns_cannot_mean_the_same(client):
    bring(client, csv(("企业名称", "别的"), ("中山市甲乙科技有限公司", "x")))
    batch = the_batch()
    answer = client.post(page(batch, "columns"), {"column-0": "name_zh", "column-1": "name_zh"})
    assert "不能对应同一项" in answer.content.decode()
    assert not ImportMapping.objects.exists()


def test_a_missing_key_column_is_asked_for(client):
    answer = bring(client, csv(("甲列", "乙列"), ("中山市甲乙科技有限公司", "x")))
    batch = the_batch()
    assert answer.redirect_chain[-1][0] == page(batch, "columns")
    assert "缺少关键列" in answer.content.decode()
    fields = {"column-0": "name_zh", "constant-name": ["kind"], "constant-value": ["企业"]}
    answer = client.post(page(batch, "columns"), fields, follow=True)
    assert (batch.rows.get().outcome, the_batch().counts["new"]) == ("new", 1)


def test_an_unknown_value_is_given_a_meaning(client):
    bring(client, csv(HEAD, ("中山市甲乙科技有限公司", factories.valid_uscc(8002), "小榄片区")))
    batch = the_batch()
    html = client.get(page(batch, "columns"))
    assert [value["text"] for value in html.context["unknown"]] == ["小榄片区"]
    fields = {"value-column": ["township"], "value-text": ["小榄片区"], "value-meant": ["小榄镇"]}
    client.post(page(batch, "columns"), fields)
    row = batch.rows.get()
    assert (row.outcome, {"column": "township", "new": "小榄镇"} in row.changes) == ("new", True)


def test_encoding_and_header_row_can_be_corrected(client):
    bring(client, csv(("名单",), HEAD, *good_rows()))
    batch = the_batch()
    answer = client.post(
        page(batch, "columns"), {"encoding": "", "sheet-0": "1", "read-0": "on", "header-0": "3"}, follow=True
    )
    assert "请再核对各列" in answer.content.decode()
    assert the_batch().layout["header_rows"] == {"": [3]}
    answer = client.post(page(batch, "columns"), {"encoding": "utf-16", "sheet-0": "1", "read-0": "on"}, follow=True)
    assert answer.status_code == 200
    assert the_batch().state == "open"


def test_what_was_corrected_stays_where_no_file_can_be_read_just_now(client, monkeypatch, settings):
    batch = dirty(client)
    ImportBatch.objects.update(layout={"header_rows": {"": [1]}, "columns": {"x": ""}})
    settings.IMPORT_READERS = 0
    monkeypatch.setattr(slots, "WAIT_SECONDS", 0)
    for name in ("columns", "examine"):
        answer = client.post(page(batch, name), {}, follow=True)
        assert "请稍等" in answer.content.decode()
    assert the_batch().layout == {"header_rows": {"": [1]}, "columns": {"x": ""}}


# --- Preview


def dirty(client):
    """Two new rows, one changed, one unchanged, one refused."""
    changed = factories.enterprise(name_zh="中山市要改科技有限公司", main_products="旧产品")
    same = factories.enterprise(name_zh="中山市不改科技有限公司")
    rows = [(*row, "新产品") for row in good_rows()]
    rows += [(changed.name_zh, changed.uscc, "", "新产品"), (same.name_zh, same.uscc, "", "")]
    rows += [("中山市坏码有限公司", factories.valid_uscc(8003)[:17] + "?", "小揽镇", "")]
    bring(client, csv((*HEAD, "主导产品"), *rows))
    batch = the_batch()
    if batch.examined_at is None:
        client.post(page(batch, "columns"), {})
        batch.refresh_from_db()
    assert batch.counts == {"new": 2, "changed": 1, "unchanged": 1, "refused": 1, "undecided": 0}
    return batch


def test_preview_is_filtered_by_outcome_column_and_words(client):
    batch = dirty(client)

    def names(**query):
        return [shown.row.name for shown in client.get(page(batch), query).context["rows"]]

    assert names() == ["中山市坏码有限公司"], "what is to be done comes first"
    assert len(names(outcome="all")) == 5
    assert names(outcome="changed") == ["中山市要改科技有限公司"]
    assert len(names(outcome="all", column="main_products")) == 3
    assert names(outcome="all", column="township") == [name for name, _uscc, _town in good_rows()] + [
        "中山市坏码有限公司"
    ]
    assert names(outcome="all", q="不改") == ["中山市不改科技有限公司"]
    assert names(outcome="all", q="6") == ["中山市坏码有限公司"]
    assert names(outcome="nonsense", q="\0") == ["中山市坏码有限公司"]


def test_preview_shows_old_and_new_and_all_errors_of_a_row(client):
    batch = dirty(client)
    html = client.get(page(batch), {"outcome": "all"}).content.decode()
    assert "<del>旧产品</del>" in html
    assert "<ins>新产品</ins>" in html
    refused = next(s for s in client.get(page(batch)).context["rows"])
    assert [problem["column"] for problem in refused.problems] == ["统一社会信用代码", "所在镇街"]
    assert "小榄镇" in refused.problems[1]["message"]


def test_preview_writes_nothing_and_english_is_spoken_too(client):
    batch = dirty(client)
    assert Organization.objects.count() == 2
    client.cookies["django_language"] = "en"
    html = client.get(page(batch), {"outcome": "all"}).content.decode()
    assert "Will write" in html
    assert "Main products" in html or "main products" in html


def test_preview_of_50_rows_takes_as_many_queries_as_of_one(client, django_assert_max_num_queries):
    bring(client, csv(HEAD, *good_rows(60)))
    batch = the_batch()
    with django_assert_max_num_queries(25):
        answer = client.get(page(batch), {"outcome": "all"})
    assert len(answer.context["rows"]) == 50
    assert len(client.get(page(batch), {"outcome": "all", "page": "2"}).context["rows"]) == 10


# --- Decisions


def with_question(client):
    known = factories.enterprise(name_zh="中山市双双机器人有限公司", uscc=None, township=factories.township())
    bring(client, csv(HEAD, ("双双机器人股份有限公司", factories.valid_uscc(8004), "小榄镇")))
    batch = the_batch()
    assert batch.counts["undecided"] == 1
    return batch, known


def test_a_possible_duplicate_is_compared_and_decided_the_same(client):
    batch, known = with_question(client)
    html = client.get(page(batch)).content.decode()
    for words in (known.registry_no, known.name_zh, "双双机器人股份有限公司", "除地名"):
        assert words in html
    client.post(page(batch, "decide"), {"d-0": str(known.pk)})
    row = batch.rows.get()
    assert (row.decision, row.same_as, row.outcome) == ("same", known, "changed")
    confirm(client, batch)
    assert Organization.objects.count() == 1
    known.refresh_from_db()
    assert known.uscc == factories.valid_uscc(8004)


def test_another_one_is_remembered_for_later_files(client):
    batch, known = with_question(client)
    client.post(page(batch, "decide"), {"bulk": "new", "row": ["0"]})
    assert (batch.rows.get().outcome, Distinction.objects.get().organization) == ("new", known)
    bring(client, csv(HEAD, ("双双机器人股份有限公司", factories.valid_uscc(8004), "小榄镇")), name="再来.csv")
    assert the_batch().counts["new"] == 1
    client.post(page(batch, "decide"), {"d-0": ""})
    assert not Distinction.objects.exists(), "taken back"
    assert the_batch().pk != batch.pk
    assert batch.rows.get().outcome == "undecided"


def test_only_what_was_offered_can_be_decided(client):
    batch, _known = with_question(client)
    stranger = factories.enterprise()
    client.post(page(batch, "decide"), {"d-0": str(stranger.pk), "d-99": "new", "d-x": "new"})
    assert batch.rows.get().decision == ""


def test_undecided_rows_are_held_back(client):
    known = factories.enterprise(name_zh="中山市双双机器人有限公司", uscc=None)
    bring(client, csv(HEAD, ("双双机器人股份有限公司", factories.valid_uscc(8004), "小榄镇"), *good_rows(1)))
    batch = the_batch()
    confirm(client, batch)
    assert Organization.objects.count() == 2
    book = refused_book(client, batch)
    assert any(known.registry_no in str(cell) for row in book for cell in row)


# --- Applying


def refused_book(client, batch):
    answer = client.get(page(batch, "refused"))
    assert answer["Content-Type"].endswith("sheet")
    return CalamineWorkbook.from_filelike(io.BytesIO(answer.content)).get_sheet_by_index(0).to_python()


def test_applying_writes_rows_and_state_and_the_page_stays(client):
    batch = dirty(client)
    answer = confirm(client, batch)
    assert labels(answer) == [f'已导入。 <a href="{page(batch, "undo")}">撤销导入</a>']
    batch.refresh_from_db()
    assert (batch.state, batch.applied_by.is_superuser, bool(batch.history_context)) == ("applied", True, True)
    assert Organization.objects.count() == 4
    html = client.get(page(batch)).content.decode()
    assert "导入完成" in html
    made = Organization.objects.get(name_zh=good_rows()[0][0])
    assert made.registry_no in html
    event = Organization.pgh_event_model.objects.get(pgh_obj=made.pk)
    assert event.pgh_context.metadata["batch"] == batch.pk


def test_refused_rows_come_back_in_the_layout_of_the_file(client):
    batch = dirty(client)
    confirm(client, batch)
    head, row = refused_book(client, batch)[:2]
    assert head[:4] == [*HEAD, "主导产品"]
    assert row[0] == "中山市坏码有限公司"
    assert "小榄镇" in row[-1]


def test_applying_twice_changes_nothing(client):
    batch = dirty(client)
    confirmed = client.get(page(batch)).context["confirmed"]
    client.post(page(batch, "apply"), {"confirmed": confirmed})
    answer = client.post(page(batch, "apply"), {"confirmed": confirmed}, follow=True)
    assert "已经导入过" in labels(answer)[-1]
    assert Organization.objects.count() == 4
    for name in ("examine", "decide", "discard"):
        client.post(page(batch, name), {"d-0": "new"})
    batch.refresh_from_db()
    assert batch.state == "applied"


def test_applying_shows_a_new_preview_where_the_registry_has_changed(client):
    batch = dirty(client)
    confirmed = client.get(page(batch)).context["confirmed"]
    name, uscc, _town = good_rows()[0]
    factories.enterprise(name_zh=name, uscc=uscc)
    answer = client.post(page(batch, "apply"), {"confirmed": confirmed}, follow=True)
    assert "没有导入" in labels(answer)[0]
    batch.refresh_from_db()
    assert (batch.state, batch.counts["new"], Organization.objects.count()) == ("open", 1, 3)
    confirm(client, batch)
    assert Organization.objects.count() == 4


def test_all_or_nothing_writes_nothing_where_a_row_is_refused(client):
    batch = dirty(client)
    client.post(page(batch, "examine"), {"take": "all_or_nothing", "stored": "overwrite", "lists": "replace"})
    answer = client.get(page(batch))
    assert answer.context["writes"] == 0
    client.post(page(batch, "apply"), {"confirmed": answer.context["confirmed"]})
    batch.refresh_from_db()
    assert (batch.state, Organization.objects.count()) == ("open", 2)


def test_an_import_is_given_up_with_its_file(client):
    batch = dirty(client)
    client.post(page(batch, "discard"))
    for model in (ImportBatch, ImportFile, ImportRow):
        assert not model.objects.exists()


def test_without_its_file_an_import_is_not_applied(client):
    batch = dirty(client)
    confirmed = client.get(page(batch)).context["confirmed"]
    ImportFile.objects.all().delete()
    for name, fields in (("apply", {"confirmed": confirmed}), ("examine", {}), ("columns", {})):
        answer = client.post(page(batch, name), fields, follow=True)
        assert "不再保存" in answer.content.decode(), name
    assert client.get(page(batch, "refused"), follow=True).status_code == 200
    assert Organization.objects.count() == 2


@pytest.mark.django_db(transaction=True)
def test_applying_says_when_somebody_else_imports(client, monkeypatch):
    batch = dirty(client)
    monkeypatch.setattr(locks, "WAIT_SECONDS", 0.2)
    confirmed = client.get(page(batch)).context["confirmed"]
    held, release = threading.Event(), threading.Event()

    def other():
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_lock(%s)", [locks.IMPORTS])
            held.set()
            release.wait(20)
        connections.close_all()

    thread = threading.Thread(target=other)
    thread.start()
    held.wait(20)
    try:
        answer = client.post(page(batch, "apply"), {"confirmed": confirmed}, follow=True)
    finally:
        release.set()
        thread.join()
    assert "没有导入" in labels(answer)[0]
    batch.refresh_from_db()
    assert (batch.state, Organization.objects.count()) == ("open", 2)


def test_a_large_list_is_left_to_the_command(client, monkeypatch):
    monkeypatch.setattr(batches, "MOST_ROWS", 3)
    answer = bring(client, csv(HEAD, *good_rows(4)), name="很 大.csv")
    html = answer.content.decode()
    assert "manage.py import_organizations &#x27;很 大.csv&#x27;" in html
    batch = the_batch()
    assert not batch.rows.exists()
    client.post(page(batch, "apply"), {"confirmed": batches.fingerprint(batch)})
    client.post(page(batch, "examine"))
    assert not Organization.objects.exists()
    assert not batch.rows.exists()


def test_choices_are_tried_again(client):
    batch = dirty(client)
    fields = {"take": "good_rows", "stored": "fill_blanks", "lists": "add", "back": "?outcome=changed"}
    answer = client.post(page(batch, "examine"), fields, follow=True)
    assert answer.redirect_chain[-1][0].endswith("?outcome=changed")
    batch.refresh_from_db()
    assert (batch.choices["stored"], batch.counts["changed"], batch.counts["unchanged"]) == ("fill_blanks", 0, 2)


def test_other_choices_are_not_applied_unseen(client):
    batch = dirty(client)
    answer = confirm(client, batch, take="good_rows", stored="fill_blanks", lists="replace")
    assert "导入方式已改" in labels(answer)[0]
    batch.refresh_from_db()
    assert (batch.state, batch.counts["changed"]) == ("open", 0)


# --- Who may


OF_ALLIANCES = [
    *("memberships", "applications", "certificates", "terms", "groups", "seats", "office_holders"),
    *("dues_standards", "dues", "payments", "meetings"),
]


def test_only_who_may_enter_brings_lists(reference):
    for role, tables in (
        ("查询员", []),
        ("录入员", ["organizations", "figures", "qualifications", "applications"]),
        ("秘书处", OF_ALLIANCES),
        ("秘书长", [*OF_ALLIANCES, "decisions"]),
        ("审计员", []),
        ("系统管理员", []),
    ):
        client, _user = in_role(role)
        answer = client.get(START)
        assert answer.status_code == (200 if tables else 403), role
        if tables:
            assert [card["table"].name for card in answer.context["form"].cards()] == tables
        offered = "导入名单" in client.get("/admin/").content.decode()
        assert offered == bool(tables)


def test_a_table_that_is_not_offered_cannot_be_sent(reference):
    client, _user = in_role("秘书处")
    answer = bring(client, csv(HEAD, *good_rows()), table="organizations")
    assert answer.status_code == 400
    assert not ImportBatch.objects.exists()


def test_imports_of_others_are_closed(reference):
    client, owner = in_role("录入员")
    batch = dirty(client)
    other, _user = in_role("录入员")
    for name in ("page", "columns", "refused"):
        assert other.get(page(batch, name)).status_code == 403
    for name in ("columns", "examine", "decide", "apply", "discard"):
        assert other.post(page(batch, name)).status_code == 403
    assert other.get(f"/admin/registry/importbatch/{batch.pk}/change/").status_code in (302, 403, 404)
    assert batch.file_name not in other.get("/admin/registry/importbatch/").content.decode()
    assert Client().get(page(batch)).status_code == 302
    owner.groups.clear()
    assert client.get(page(batch)).status_code == 403, "the right to bring lists is gone"


def test_an_auditor_reads_and_does_nothing(reference):
    client, _owner = in_role("录入员")
    batch = dirty(client)
    auditor, _user = in_role("审计员")
    assert batch.file_name in auditor.get("/admin/registry/importbatch/").content.decode()
    answer = auditor.get(page(batch))
    assert (answer.status_code, answer.context["acting"]) == (200, False)
    assert auditor.get(page(batch, "refused")).status_code == 403, "what stands in columns that nobody reads is unknown"
    for name in ("columns", "examine", "decide", "apply", "discard"):
        assert auditor.post(page(batch, name)).status_code == 403


def test_rows_with_contacts_are_shown_only_to_who_may_see_contacts(reference):
    client, owner = in_role("录入员")
    bring(client, csv((*HEAD, "联系人", "联系电话"), (*good_rows(1)[0], "虚构联系", factories.PHONE)))
    batch = the_batch()
    assert batch.permissions == ["registry.view_contact"]
    administrator, _user = in_role("系统管理员")
    assert administrator.get(page(batch)).status_code == 403
    assert administrator.get(f"/admin/registry/importbatch/{batch.pk}/history/").status_code in (302, 403)
    assert in_role("审计员")[0].get(page(batch)).status_code == 200
    owner.groups.set([])
    owner.user_permissions.set(factories.user("registry.add_organization").user_permissions.all())
    assert client.get(page(batch)).status_code == 403
    assert not Contact.objects.exists()


def test_a_row_that_the_account_may_not_write_says_so(reference):
    client, _user = in_role("", "registry.view_organization", "registry.change_organization")
    bring(client, csv(HEAD, *good_rows(1)))
    batch = the_batch()
    assert batch.counts["refused"] == 1
    assert "新增" in batch.rows.get().problems[0]["message"][0]


# --- Lists of imports and mappings


def test_imports_are_listed_and_filtered(client):
    batch = dirty(client)
    confirm(client, batch)
    for query, found in (
        ({}, True),
        ({"table": "organizations", "state": "applied", "person": str(batch.created_by_id)}, True),
        ({"state": "open"}, False),
        ({"table": "memberships"}, False),
    ):
        html = client.get("/admin/registry/importbatch/", query).content.decode()
        assert (f">{batch.file_name}<" in html) == found, query
    assert client.get(f"/admin/registry/importbatch/{batch.pk}/history/").status_code == 200
    assert client.get("/admin/registry/importbatch/add/").url == START


def test_a_mapping_is_forgotten_by_the_administrator(reference):
    factories.import_mapping(layout={"columns": {"单位": "name_zh"}, "constants": {"kind": "企业"}})
    registrar, _user = in_role("录入员")
    administrator, _user = in_role("系统管理员")
    mapping = ImportMapping.objects.get()
    assert registrar.get("/admin/registry/importmapping/").status_code == 403
    html = administrator.get(f"/admin/registry/importmapping/{mapping.pk}/change/").content.decode()
    assert "单位 → " in html
    data = {"action": "forget", "_selected_action": [mapping.pk]}
    in_role("审计员")[0].post("/admin/registry/importmapping/", data)
    assert ImportMapping.objects.exists()
    administrator.post("/admin/registry/importmapping/", data)
    assert not ImportMapping.objects.exists()


def test_lists_of_records_offer_to_import(client):
    assert "/admin/imports/?table=organizations" in client.get("/admin/registry/enterprise/").content.decode()
    assert "/admin/imports/?table=memberships" in client.get("/admin/alliance/member/").content.decode()
    assert client.get(f"{START}?table=memberships").context["form"]["table"].value() == "memberships"
    viewer, _user = in_role("查询员")
    assert "/admin/imports/" not in viewer.get("/admin/registry/enterprise/").content.decode()


# --- Several tables


def test_a_sheet_with_a_table_of_its_own_is_told_before_the_preview(client, tmp_path):
    wide = [*HEAD, "网址", "备注", "成立日期"]
    main = [wide, ["中山市页面主表有限公司", "", "小榄镇", "", "", ""]]
    path = xlsx_file(tmp_path, {"主表": main, "另表": [["单位名称", "曾用名"], ["中山市页面另表有限公司", ""]]})
    answer = bring(client, path.read_bytes(), name="两张表.xlsx")
    assert answer.redirect_chain[-1][0] == page(the_batch(), "columns")
    assert "工作表 另表 自成一张表" in answer.content.decode()
    fields = {"sheet-0": "1", "sheet-1": "1", "read-1": "on", "header-1": "1"}
    client.post(page(the_batch(), "columns"), fields)  # the page comes again, with the columns of the other sheet
    client.post(page(the_batch(), "columns"), fields)
    confirm(client, the_batch())
    assert list(Organization.objects.values_list("name_zh", flat=True)) == ["中山市页面另表有限公司"]


def test_tables_below_and_beside_are_previewed_with_their_own_columns(client):
    first, second = factories.valid_uscc(9101), factories.valid_uscc(9102)
    rows = [HEAD, ("中山市页面上表有限公司", first, "小榄镇"), (), ("统一社会信用代码", "单位名称", "备注")]
    rows.append((second, "中山市页面下表有限公司", "下表的备注"))
    bring(client, csv(*rows))
    confirm(client, the_batch())
    assert Organization.objects.get(uscc=second).remarks == "下表的备注"
    assert Organization.objects.get(uscc=first).township.name_zh == "小榄镇"


def test_a_row_longer_than_the_labels_is_refused_on_the_page(client):
    bring(client, csv(HEAD, ("中山市页面逗号", "有限公司", factories.valid_uscc(9103), "小榄镇")))
    answer = client.post(page(the_batch(), "columns"), {}, follow=True)
    assert the_batch().counts["refused"] == 1
    assert "本行有内容的单元格多于表头的列" in answer.content.decode()


def test_a_new_row_shows_its_values_behind_their_labels(client):
    answer = bring(client, csv(["单位名称", "成立日期"], ["中山市虚构甲有限公司", "1978-01-01"]))
    assert "成立日期 1978-01-01" in answer.context["rows"][0].gist


def test_rows_whose_township_follows_from_the_address_can_be_seen_alone(client):
    head = ("企业名称", "注册地址", "镇街")
    bring(
        client,
        csv(head, ("香山一厂", "广东省中山市石岐区一号路", ""), ("香山三厂", "中山市二号路", "小榄镇")),
        kind="企业",
    )
    shown = client.get(page(the_batch()) + "?outcome=noted").context["rows"]
    assert [(one.row.name, [str(note["message"]) for note in one.notes]) for one in shown] == [
        ("香山一厂", ["所在镇街“石岐街道”由此地址填入，请核实。"])
    ]
