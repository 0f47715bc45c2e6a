import sys

import pytest
from django.apps import apps
from django.core.management import CommandError, call_command
from django.db import transaction
from django.db.models import Count, F, Max

from alliance.models import Alliance, Member, Membership
from bench.synthetic import fictional_uscc
from registry.models import Kind, Name, Organization, RegistrationStatus, Sector, SectorTag, Township
from registry.search.conditions import find
from registry.values.pinyin import pinyin_key
from registry.values.validators import uscc_check_character_ok
from tests import factories
from tests.registry.organizations.test_index_tables import assert_entries_are_true as assert_sector_entries_are_true
from tests.registry.search.test_search import assert_entries_are_true as assert_search_entries_are_true

COUNT = 1500


def generate(count: int = COUNT, **options) -> None:
    call_command("generate_registry", organizations=count, verbosity=0, **options)


def contents() -> list[tuple]:
    organizations = Organization.objects.order_by("registry_no").values_list(
        "kind", "name_zh", "name_en", "registration_status", "founded_on", "township__code", "published"
    )
    tags = SectorTag.objects.order_by("organization", "-is_primary", "sector").values_list("sector__code", "is_primary")
    memberships = Membership.objects.order_by("member", "admitted_on").values_list(
        "admitted_on", "ended_on", "tier__code"
    )
    return [*organizations, *tags, *Name.objects.order_by("organization").values_list("name"), *memberships]


@pytest.fixture
def generated(reference):
    generate(alliance="trial")


def test_generated_rows_pass_their_own_rules(generated):
    for model in (Organization, Name, SectorTag, Member, Membership):
        rows = model.objects.order_by("?")[:40]
        assert rows
        for row in rows:
            row.full_clean()
    for organization in Organization.objects.all():
        assert organization.pinyin == pinyin_key(organization.name_zh)
        assert organization.uscc is None or uscc_check_character_ok(organization.uscc)


def test_generated_organizations_are_of_every_kind_and_have_different_names(generated):
    assert Organization.objects.count() == COUNT
    assert set(Organization.objects.values_list("kind", flat=True)) == set(Kind.values)
    assert set(Organization.objects.values_list("registration_status", flat=True)) == set(RegistrationStatus.values)
    assert Organization.objects.values("name_zh_key").distinct().count() == COUNT
    assert 0.05 < Name.objects.count() / COUNT < 0.11
    assert 0.7 < Organization.objects.published().count() / COUNT < 0.8
    assert 0.2 < Organization.objects.exclude(name_en="").count() / COUNT < 0.4
    assert Township.objects.filter(organizations__isnull=False).distinct().count() == 23


def test_generated_tags_are_one_to_four_with_one_primary_and_few_popular_sectors(generated):
    tagged = Organization.objects.annotate(n=Count("sector_tags"))
    assert set(tagged.values_list("n", flat=True)) == {1, 2, 3, 4}
    assert SectorTag.objects.filter(is_primary=True).count() == COUNT
    popularity = (
        Sector.objects.exclude(parent=None).annotate(n=Count("tags")).order_by("-n").values_list("n", flat=True)
    )
    assert popularity[0] > COUNT / 5
    assert 0 < popularity[44] < COUNT / 30


def test_generated_members_change_leave_and_return(generated):
    alliance = Alliance.objects.get(slug="trial")
    assert alliance.tiers.count() == 5
    assert COUNT * 0.06 < alliance.members.count() < COUNT * 0.12
    assert {"", "tier_change", "lapse"} <= set(Membership.objects.values_list("end_reason", flat=True))
    assert not Membership.objects.filter(admitted_on__lt=F("member__organization__founded_on")).exists()
    last = alliance.members.aggregate(last=Max("member_no"))["last"]
    assert factories.member(alliance).member_no > last


def test_generated_organizations_are_entered_as_triggers_would(generated):
    generate(100, alliance="trial")
    triggered = factories.tag(factories.enterprise(name_zh="中山市虚构触发有限公司")).organization
    assert_sector_entries_are_true()
    assert_search_entries_are_true()
    assert find(Organization.objects.all(), "虚构触发").get() == triggered
    assert triggered.sector_index.count() > 1
    assert not Organization.objects.filter(updated_at__gt=F("created_at")).exclude(pk=triggered.pk).exists()


def test_same_seed_gives_the_same_registry_and_another_seed_another(reference):
    made = {}
    for attempt, seed in (("first", 7), ("again", 7), ("other", 8)):
        with transaction.atomic():
            generate(200, seed=seed, alliance="trial")
            made[attempt] = contents()
            transaction.set_rollback(True)
    assert made["first"] == made["again"] != made["other"]


def test_generating_twice_adds_to_what_is_there(reference):
    factories.enterprise()
    generate(100, alliance="trial")
    generate(100, alliance="trial")
    factories.enterprise()
    numbers = list(Organization.objects.order_by("pk").values_list("registry_no", flat=True))
    assert len(numbers) == 202
    assert numbers == sorted(numbers)


def test_generated_rows_are_in_the_history_with_the_reason(generated):
    for app, model, count in (
        ("registry", "OrganizationEvent", COUNT),
        ("registry", "SectorTagEvent", SectorTag.objects.count()),
        ("alliance", "MembershipEvent", Membership.objects.count()),
    ):
        events = apps.get_model(app, model).objects.filter(pgh_label="insert")
        assert events.count() == count
        assert events.filter(pgh_context__metadata__command="generate_registry").count() == count


def test_generate_registry_asks_how_many(db):
    with pytest.raises(CommandError, match="--organizations"):
        call_command("generate_registry")
    with pytest.raises(CommandError, match="at least 1"):
        call_command("generate_registry", organizations=0)


def test_generate_registry_asks_for_reference_data_first(db):
    with pytest.raises(CommandError, match="load_reference"):
        call_command("generate_registry", organizations=10)


def test_generate_registry_shows_a_progress_bar_on_a_terminal_only(reference, capsys, monkeypatch):
    generate(10)
    assert capsys.readouterr().err == ""
    monkeypatch.setattr(sys.stderr, "isatty", lambda: True)
    generate(10)
    assert "10/10" in capsys.readouterr().err


@pytest.mark.parametrize("start", ["91", "12", "52"])
def test_fictional_uscc_is_valid_but_holds_no_organization_code(start):
    weights = (3, 7, 9, 10, 5, 8, 4, 2)
    for n in (0, 1, 12, 345, 9_999_999):
        code = fictional_uscc(n, start)
        assert uscc_check_character_ok(code)
        total = sum(weight * int(character, 36) for weight, character in zip(weights, code[8:16], strict=True))
        assert code[16] != "0123456789X0"[(11 - total % 11) % 11]
