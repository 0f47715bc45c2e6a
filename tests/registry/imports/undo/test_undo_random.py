"""Undoing after any import and any later work: what is not told to stay is as before, and nothing else is touched."""

import random
from typing import Any

import pytest
from django.db import transaction

from registry.imports.undo.outcome import UndoOutcome
from registry.imports.undo.undo import undo
from registry.models import Contact, Name, Organization, Qualification, SectorTag
from tests import factories
from tests.registry.imports.importing import csv_file
from tests.registry.imports.undo.undoing import applied, forget_context, rows, state

pytestmark = pytest.mark.django_db
SECTORS = ["工业机器人", "服务机器人", "机器视觉", "语音识别", "智能传感器"]
CODES = ["robots.industrial", "robots.service", "core-technology.machine-vision"]
GRADINGS = ["高新技术企业", "专精特新中小企业"]
LABELS = ["名录编号", "单位名称", "单位类型", "所属领域", "曾用名", "资质荣誉", "其他证照编号", "联系人", "联系电话"]
LABELS += ["备注", "注册资本（万元）", "成立日期"]


def some(chance: random.Random, values: list[str]) -> str:
    return "；".join(chance.sample(values, chance.randint(0, 2)))


def registry(chance: random.Random) -> None:
    """Some organizations as others have entered them."""
    for number in range(5):
        one = factories.enterprise(name_zh=f"香山{number}厂", remarks=chance.choice(["", "原来"]))
        for place, code in enumerate(chance.sample(CODES, chance.randint(0, 2))):
            factories.tag(one, code, is_primary=not place, evidence="原来")
        if chance.random() < 0.5:
            factories.contact(one, name="原来某")
        if chance.random() < 0.5:
            factories.name(one, f"香山老{number}厂")
        if chance.random() < 0.5:
            factories.member(who=one)


def listed(chance: random.Random) -> list[list[str]]:
    """A list that changes some of them and adds others."""
    table = [LABELS]
    for number, one in enumerate(Organization.objects.order_by("pk")):
        if chance.random() < 0.8:
            name = one.name_zh if chance.random() < 0.7 else f"香山新{number}厂"
            table.append([one.registry_no, name, *cells(chance, f"改{number}")])
    table += [["", f"石岐{number}厂", *cells(chance, f"新{number}")] for number in range(chance.randint(0, 4))]
    return table


def cells(chance: random.Random, mark: str) -> list[str]:
    identifier = chance.choice(["", f"stock_code:{mark}"])
    contact = chance.choice([["", ""], [f"某{mark}", factories.PHONE]])
    capital, day = chance.choice(["", "100", "200.5"]), chance.choice(["", "2019-09-01"])
    former = chance.choice(["", f"曾用{mark}"])
    more = [some(chance, SECTORS), former, some(chance, GRADINGS), identifier, *contact]
    return ["企业", *more, chance.choice(["", f"备注{mark}"]), capital, day]


def work(chance: random.Random) -> None:
    """What somebody else does afterwards; what the rules forbid is not done."""
    for one in Organization.objects.order_by("pk"):
        for _deed in range(chance.choice([0, 0, 1, 2])):
            try:
                with transaction.atomic():
                    chance.choice(DEEDS)(one)
            except Exception:
                pass


def first(model: Any, one: Organization) -> Any:
    return model.objects.filter(organization=one).earliest("pk")


DEEDS = [
    lambda one: Organization.objects.filter(pk=one.pk).update(remarks="手工"),
    lambda one: Organization.objects.filter(pk=one.pk).update(website="http://example.com"),
    lambda one: Organization.objects.filter(pk=one.pk).update(registered_capital=7, capital_currency="USD"),
    lambda one: Organization.objects.filter(pk=one.pk).update(name_zh="改名厂", pinyin="gai ming chang"),
    lambda one: factories.contact(one, name="手工某"),
    lambda one: factories.tag(one, CODES[0]),
    lambda one: factories.tag(one, CODES[1], is_primary=True),
    lambda one: factories.name(one, "手工曾用名"),
    lambda one: factories.figures(one),
    lambda one: factories.membership(factories.member(who=one)),
    lambda one: first(SectorTag, one).delete(),
    lambda one: first(Contact, one).delete(),
    lambda one: first(Qualification, one).delete(),
    lambda one: SectorTag.objects.filter(pk=first(SectorTag, one).pk).update(evidence="手工"),
    lambda one: Name.objects.filter(pk=first(Name, one).pk).update(language="zh"),
    lambda one: Contact.objects.filter(pk=first(Contact, one).pk).update(title="经理"),
    lambda one: Qualification.objects.filter(pk=first(Qualification, one).pk).update(issuer="手工"),
]


@pytest.mark.parametrize("seed", range(8))
def test_import_and_undo_leave_everything_as_before(tmp_path, reference, seed):
    chance = random.Random(seed)
    registry(chance)
    before = state()
    batch = applied(csv_file(tmp_path, listed(chance)))
    assert undo(batch.pk, apply=True).staying == 0
    assert state() == before


@pytest.mark.parametrize("seed", range(25))
def test_undo_after_work_of_others_touches_only_what_the_import_wrote(tmp_path, reference, seed):
    chance = random.Random(seed)
    registry(chance)
    before = rows()
    batch = applied(csv_file(tmp_path, listed(chance)))
    after = rows()
    work(chance)
    forget_context()
    worked = rows()
    told = undo(batch.pk, apply=True, leave=None)
    assert told.done
    compare(told, before, after, worked, rows())


def compare(told: UndoOutcome, before: Any, after: Any, worked: Any, final: Any) -> None:
    stays = {(stay.model._meta.db_table, stay.pk): stay for table in told.tables for stay in table.stays}
    assert len(stays) == told.staying
    belonging = 0
    for key in before.keys() | after.keys() | worked.keys() | final.keys():
        b, a, w, f = (one.get(key) for one in (before, after, worked, final))
        if a == b:
            assert f == w, key  # the import had nothing to do with it
        elif key in stays:
            for column in (w or {}) if f else ():
                assert f[column] in ((w or {})[column], (b or {}).get(column)), key
            for column in stays[key].columns:
                assert f[column] == w[column], key
        elif w == a and b is None and f == w:
            belonging += 1  # created with a record that stays
            assert ("registry_organization", w["organization_id"]) in stays
        elif w == a or w is None or f is None:
            assert f == (b if w == a else w), key
        else:
            assert f == {column: b[column] if w[column] == a[column] else w[column] for column in w}, key
    assert belonging == told.belonging
