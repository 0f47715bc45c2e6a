import datetime
import json
from collections import Counter

import pytest
from django.apps import apps
from django.contrib.auth.models import Group
from django.core.exceptions import ValidationError
from django.core.management import call_command

from alliance.management.commands.load_reference import FILES, read
from alliance.models import StandardTier
from registry.models import Grading, Plan, Sector, SizeStandard, Township, UsccCategory, Zone
from registry.values.validators import fold_name

CHANGE = datetime.date(2021, 7, 19)
NAMED = (Sector, Township, Zone, Grading, StandardTier)


def event_count() -> int:
    return sum(
        model.objects.count()
        for model in apps.get_models()
        if model._meta.model_name.endswith("event") and model._meta.managed
    )


def test_load_reference_loads_the_plan_with_its_two_levels(reference):
    plan = Plan.objects.get()
    assert plan.current
    assert (plan.starts_on, plan.ends_on) == (datetime.date(2019, 1, 1), datetime.date(2022, 1, 1))
    assert plan.sectors.count() == 54
    assert plan.sectors.filter(parent=None).count() == 9
    assert set(Sector.objects.values_list("layer", flat=True)) == {"foundation", "technology", "product", "application"}
    for sector in plan.sectors.exclude(parent=None).select_related("parent"):
        assert sector.code.startswith(f"{sector.parent.code}.")
        assert sector.position > sector.parent.position
        assert sector.keywords_zh
    assert plan.sectors.get(code="robots").aliases == ["机器人"]


def test_load_reference_twice_writes_nothing(reference, capsys, django_assert_max_num_queries):
    before = event_count()
    assert before
    with django_assert_max_num_queries(40):
        call_command("load_reference")
    assert event_count() == before
    assert "new 0, changed 0, unchanged 180, refused 0" in capsys.readouterr().out


def test_load_reference_records_who_wrote(reference):
    event = apps.get_model("registry", "SectorEvent").objects.select_related("pgh_context").first()
    assert event.pgh_context.metadata == {"command": "load_reference"}


def test_load_reference_brings_a_changed_row_in_line_and_only_that(reference, capsys):
    Sector.objects.filter(code="robots").update(name_en="Machines", position=1)
    before = event_count()
    call_command("load_reference")
    assert event_count() == before + 1
    assert "new 0, changed 1, unchanged 179" in capsys.readouterr().out
    assert Sector.objects.get(code="robots").name_en == "Robot products"


def test_load_reference_leaves_what_the_installation_decides(reference, capsys):
    Plan.objects.update(current=False)
    Plan.objects.create(code="later", name_zh="后续行动计划", starts_on=datetime.date(2022, 1, 1), current=True)
    Zone.objects.filter(code="torch").update(disabled_on=datetime.date(2025, 1, 1))
    Township.objects.filter(code="442000118").update(aliases=["榄镇"])
    Group.objects.get(name="查询员").permissions.filter(codename="view_zone").first().group_set.clear()
    call_command("load_reference")
    said = capsys.readouterr()
    assert Plan.objects.get(current=True).code == "later"
    assert Zone.objects.get(code="torch").disabled_on
    assert Township.objects.get(code="442000118").aliases == ["小榄", "榄镇"]
    assert "changed 1," in said.out
    assert "查询员: lacks view_zone; --reset-roles undoes it." in said.err
    call_command("load_reference", "--reset-roles")
    assert Group.objects.get(name="查询员").permissions.filter(codename="view_zone").exists()
    assert "lacks" not in capsys.readouterr().err


def test_load_reference_does_not_make_a_second_plan_current(db):
    Plan.objects.create(code="other", name_zh="其他行动计划", starts_on=datetime.date(2022, 1, 1), current=True)
    call_command("load_reference", verbosity=0)
    assert Plan.objects.get(current=True).code == "other"
    assert Sector.objects.count() == 54


def test_reference_rows_pass_their_own_rules(reference):
    models = {apps.get_model(record["model"]) for file in FILES for record in read(file)}
    rows = [row for model in models for row in model.objects.all()]
    assert len(rows) > 100
    assert {repr(row): said for row in rows if (said := complaint(row))} == {}


def complaint(row):
    try:
        row.full_clean()
    except ValidationError as error:
        return error.messages
    return None


def test_townships_were_24_until_the_change_and_are_23_since(reference):
    assert Township.objects.current(CHANGE - datetime.timedelta(days=1)).count() == 24
    assert Township.objects.current(CHANGE).count() == 23
    assert Township.objects.current().count() == 23
    assert set(Township.objects.current()) == set(Township.objects.current(CHANGE))


def test_abolished_townships_name_their_successors(reference):
    ended = Township.objects.exclude(valid_to=None)
    assert {(one.name_zh, one.code, one.successor.name_zh) for one in ended} == {
        ("民众镇", "442000102", "民众街道"),
        ("南朗镇", "442000113", "南朗街道"),
        ("小榄镇", "442000100", "小榄镇"),
        ("东升镇", "442000104", "小榄镇"),
    }
    assert all(one.valid_to == one.successor.valid_from == CHANGE for one in ended)


@pytest.mark.parametrize("model", NAMED)
def test_a_name_or_alias_means_one_row(reference, model):
    """Only the old and the new 小榄镇 share a name; the one that exists is meant."""
    rows = model.objects.current() if model is Township else model.objects.all()
    meanings = Counter(
        text
        for row in rows
        for text in {row.code, *map(fold_name, filter(None, (row.name_zh, row.name_en, *row.aliases)))}
    )
    assert [text for text, count in meanings.items() if count > 1] == []


def test_ended_townships_are_found_by_names_that_no_current_one_has(reference):
    current = {text for row in Township.objects.current() for text in (row.name_zh, *row.aliases)}
    for row in Township.objects.exclude(valid_to=None):
        assert {row.name_zh, *row.aliases} & current == ({"小榄镇"} if row.code == "442000100" else set())


def test_torch_is_a_zone_and_an_older_name_of_the_subdistrict(reference):
    assert Zone.objects.get(name_zh="火炬开发区").code == "torch"
    assert Township.objects.get(aliases__contains=["火炬开发区"]).name_zh == "中山港街道"
    assert not Township.objects.filter(aliases__contains=["翠亨新区"]).exists()


def test_uscc_categories_say_what_kind_of_body_a_code_is_of(reference):
    assert UsccCategory.objects.count() == 36
    assert UsccCategory.objects.get(code="52").label("zh") == "民办非企业单位（社会服务机构）"
    assert {row.department_zh for row in UsccCategory.objects.filter(code__startswith="9")} == {"工商"}
    assert not UsccCategory.objects.filter(name_en="").exists()


def test_size_standards_are_in_yuan_and_cover_the_rules_industries(reference):
    assert SizeStandard.objects.count() == 30
    software = SizeStandard.objects.get(code="software-revenue")
    assert (software.large_min, software.medium_min, software.small_min) == (100_000_000, 10_000_000, 500_000)
    transport = SizeStandard.objects.get(code="transport-employees")
    assert transport.industries == ["G54", "G55", "G56", "G57", "G58"]
    for indicator in SizeStandard.Indicator:
        beginnings = [
            beginning for row in SizeStandard.objects.filter(indicator=indicator) for beginning in row.industries
        ]
        assert not [(a, b) for a in beginnings for b in beginnings if a != b and a.startswith(b)]


def test_standard_tiers_rank_from_chair_to_member(reference):
    assert list(StandardTier.objects.values_list("name_zh", flat=True)) == [
        "理事长单位",
        "副理事长单位",
        "常务理事单位",
        "理事单位",
        "会员单位",
    ]
    assert StandardTier.objects.get(aliases__contains=["会长单位"]).rank == 1


def test_roles_keep_personal_data_and_figures_from_those_who_need_neither(reference):
    def may(codename: str) -> set[str]:
        return set(Group.objects.filter(permissions__codename=codename).values_list("name", flat=True))

    assert may("view_organization") == {
        "查询员",
        "录入员",
        "镇街填报员",
        "审核员",
        "秘书处",
        "秘书长",
        "审计员",
        "系统管理员",
    }
    assert may("view_contact") == may("view_annualfigures") == {"录入员", "镇街填报员", "审核员", "审计员"}
    assert may("limited_to_townships") == {"镇街填报员"}
    assert may("view_representative") == {"秘书处", "秘书长", "审计员"}
    assert may("export_internal_roster") == {"秘书处", "秘书长"}
    assert may("publish_organization") == may("override_uscc") == {"审核员"}
    assert may("verify_organization") == {"录入员", "镇街填报员", "审核员"}
    assert may("add_apitoken") == may("change_user") == may("add_alliance") == {"系统管理员"}
    assert may("change_membership") == {"秘书处", "秘书长"}
    assert may("record_decision") == may("override_quorum") == {"秘书长"}
    assert may("change_votingrule") == may("change_alliancerules") == {"秘书长", "系统管理员"}
    assert may("delete_organization") == may("delete_membership") == may("delete_sector") == set()
    secretariat, general = (set(Group.objects.get(name=name).permissions.all()) for name in ("秘书处", "秘书长"))
    assert secretariat < general
    auditor = Group.objects.get(name="审计员").permissions.exclude(codename__startswith="view_")
    assert not auditor.exists()


def test_fixtures_name_no_primary_keys():
    for file in (*FILES, "roles"):
        assert all(set(record) == {"model", "fields"} for record in json.loads(json.dumps(read(file))))


def test_every_sector_is_described_and_what_an_office_wrote_stays(reference):
    for sector in Sector.objects.all():
        assert sector.definition, sector
        assert sector.definition_en, sector
        assert sector.definition_source == "editorial"
    ours, emptied = Sector.objects.order_by("code")[:2]
    Sector.objects.filter(pk=ours.pk).update(definition="计划原文", definition_en="", definition_source="plan")
    Sector.objects.filter(pk=emptied.pk).update(definition="", definition_en="")
    call_command("load_reference", verbosity=0)
    ours.refresh_from_db()
    assert (ours.definition, ours.definition_en, ours.definition_source) == ("计划原文", "", "plan")
    emptied.refresh_from_db()
    assert emptied.definition
