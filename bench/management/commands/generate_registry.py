"""Fills the registry with fictional organizations by COPY; with --alliance also an alliance with members.

Works in one transaction: an interrupted run leaves nothing behind.
"""

import contextlib
import datetime
import random
import sys
import time
from argparse import ArgumentParser
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pghistory
import pgtrigger
from django.core.management.base import BaseCommand, CommandError
from django.db import connection, transaction

from alliance.models import Alliance, Member, MemberNumber, Membership, StandardTier, Tier
from bench.synthetic import NAME_COLUMNS, ORGANIZATION_COLUMNS, TAG_COLUMNS, Batch, Vocabulary, batches
from registry.models import Name, Organization, Plan, SectorTag
from registry.organizations.models.triggers import ENTER_FROM, ENTERING

FOUNDED = datetime.date(2019, 1, 1)
LAST = datetime.date(2025, 12, 1).toordinal()
_NOTING = ("registry.SectorTag:published_insert", "registry.Name:published_insert")
"""Names and tags come after their organizations; nobody need review them."""
SHARE_OF_MEMBERS = 0.1
MEMBER_COLUMNS = "id, alliance_id, organization_id, member_no"
MEMBERSHIP_COLUMNS = "alliance_id, member_id, tier_id, admitted_on, ended_on, end_reason, remarks"


class Command(BaseCommand):
    help = "Generate believable fictional organizations, for benchmarks and trials. The same seed gives the same ones."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--organizations", type=int, required=True, metavar="N", help="how many")
        parser.add_argument("--seed", type=int, default=1)
        parser.add_argument("--alliance", metavar="SLUG", help="make a tenth of them members; created where missing")

    def handle(self, *args: Any, **options: Any) -> None:
        count, began = options["organizations"], time.monotonic()
        if count < 1:
            raise CommandError("--organizations must be at least 1.", returncode=2)
        try:
            vocabulary = Vocabulary.stored()
        except Plan.DoesNotExist:
            raise CommandError("No plan is current: run load_reference first.", returncode=2) from None
        with pghistory.context(command="generate_registry", seed=options["seed"]), transaction.atomic():
            _prepare_transaction()
            members = MemberMaker(options["alliance"], options["seed"]) if options["alliance"] else None
            first_id = _reserve("registry_organization_id_seq", count)
            first_number = _reserve("registry_organization_no_seq", count)
            done = 0
            with entered_at_the_end(first_id):
                for batch in ahead(batches(vocabulary, count, options["seed"], first_id, first_number)):
                    copy(Organization, ORGANIZATION_COLUMNS, batch.organizations)
                    copy(Name, NAME_COLUMNS, batch.names)
                    copy(SectorTag, TAG_COLUMNS, batch.tags)
                    if members:
                        members.admit(batch.could_join)
                    done += len(batch.organizations)
                    self._progress(done, count)
            if members:
                members.keep_numbers()
        with connection.cursor() as cursor:
            # Walks along narrow tables need to know which pages all may see. Tests have a transaction, vacuum must not.
            cursor.execute("ANALYZE" if connection.in_atomic_block else "VACUUM ANALYZE")
        if options["verbosity"]:
            seconds = time.monotonic() - began
            self.stdout.write(f"{count} organizations in {seconds:.1f} s, {count / seconds:.0f} a second.")

    def _progress(self, done: int, total: int) -> None:
        if sys.stderr.isatty():
            filled = 40 * done // total
            end = "\n" if done == total else ""
            self.stderr.write(f"\r[{'#' * filled}{'.' * (40 - filled)}] {done:,}/{total:,}", ending=end)
            self.stderr.flush()


def ahead(batches: Iterator[Batch]) -> Iterator[Batch]:
    """The same, each made while the database still writes the one before it."""
    with ThreadPoolExecutor(1) as executor:
        coming = executor.submit(next, batches, None)
        while batch := coming.result():
            coming = executor.submit(next, batches, None)
            yield batch


@contextlib.contextmanager
def entered_at_the_end(first_id: int) -> Iterator[None]:
    """Write the entries of search and of sectors for all new organizations together, in the order of their lists.

    What triggers would enter batch by batch is spread over all pages of each index. Nobody else sees these
    organizations; of those that others change meanwhile, the triggers of their own sessions write the entries.
    """
    with pgtrigger.ignore(*ENTERING, *_NOTING):
        with connection.cursor() as cursor:
            # A COPY is not told what to ignore either.
            cursor.execute("SET LOCAL work_mem = '64MB'; SET LOCAL gin_pending_list_limit = '64MB'")
        yield
    with connection.cursor() as cursor:
        cursor.execute(
            "ANALYZE registry_organization (id), registry_name (organization_id),"
            " registry_sectortag (organization_id, sector_id)"
        )
        for statement in ENTER_FROM:
            cursor.execute(statement, {"first": first_id})


def _prepare_transaction() -> None:
    with connection.cursor() as cursor:
        # Nobody may take an id or a number out of the block that is reserved below.
        cursor.execute("LOCK TABLE registry_organization, alliance_member IN SHARE ROW EXCLUSIVE MODE")
        # Checks foreign keys at the end of each COPY instead of remembering millions of rows until the commit.
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        # A COPY carries no history context of its own, but the transaction keeps that of this statement.
        cursor.execute("UPDATE registry_organization SET remarks = remarks WHERE false")


def _reserve(sequence: str, count: int) -> int:
    """The first of `count` consecutive numbers that the sequence will not give to others."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT setval(%s, nextval(%s) + %s)", [sequence, sequence, count - 1])
        return cursor.fetchone()[0] - count + 1


def copy(model: Any, columns: str, lines: Iterable[str]) -> None:
    with connection.cursor() as cursor, cursor.copy(f"COPY {model._meta.db_table} ({columns}) FROM STDIN") as target:
        target.write("".join(lines))


class MemberMaker:
    """Lets a tenth of those who can join the alliance; some change their tier, leave, and come back."""

    def __init__(self, slug: str, seed: int) -> None:
        self.random = random.Random(f"{seed} {slug}")  # noqa: S311 - nothing secret
        names = {"name_zh": f"模拟人工智能产业联盟（{slug}）", "name_en": f"Synthetic AI Industry Alliance ({slug})"}
        self.alliance, is_new = Alliance.objects.get_or_create(
            slug=slug, defaults=names | {"founded_on": FOUNDED, "published": True}
        )
        if is_new:
            Tier.objects.bulk_create(
                Tier(
                    alliance=self.alliance,
                    code=standard.code,
                    name_zh=standard.name_zh,
                    name_en=standard.name_en,
                    aliases=standard.aliases,
                    rank=standard.rank,
                )
                for standard in StandardTier.objects.all()
            )
        self.tiers = list(Tier.objects.filter(alliance=self.alliance).order_by("rank").values_list("pk", flat=True))
        if not self.tiers:
            raise CommandError(f"The alliance {slug} has no tiers.", returncode=2)
        # Each tier has four times the members of the one above it.
        self.weights = [4**n for n in range(len(self.tiers))]
        with connection.cursor() as cursor:
            cursor.execute(
                r"SELECT greatest((SELECT last FROM alliance_membernumber WHERE alliance_id = %(id)s),"
                r" max(substring(member_no FROM '\d{1,9}$')::integer), 0)"
                r" FROM alliance_member WHERE alliance_id = %(id)s",
                {"id": self.alliance.pk},
            )
            self.number: int = cursor.fetchone()[0]

    def admit(self, could_join: list[tuple[int, int]]) -> None:
        joining = [one for one in could_join if self.random.random() < SHARE_OF_MEMBERS and one[1] < LAST]
        if not joining:
            return
        members, memberships = [], []
        prefix, alliance = self.alliance.member_no_prefix, self.alliance.pk
        for member, (organization, founded) in enumerate(joining, _reserve("alliance_member_id_seq", len(joining))):
            self.number += 1
            members.append(f"{member}\t{alliance}\t{organization}\t{prefix}{self.number:04d}\n")
            for tier, start, end, reason in self._periods(founded):
                ended = _day(end) if end else r"\N"
                memberships.append(f"{alliance}\t{member}\t{tier}\t{_day(start)}\t{ended}\t{reason}\t\n")
        copy(Member, MEMBER_COLUMNS, members)
        copy(Membership, MEMBERSHIP_COLUMNS, memberships)

    def _periods(self, founded: int) -> list[tuple[int, int, int, str]]:
        """Tier, first day, end (0: none) and reason of each membership, days as ordinals."""
        chance = self.random.random
        earliest = max(founded + 1, FOUNDED.toordinal())
        start = earliest + int(chance() * (LAST - earliest))
        tier, other = self.random.choices(self.tiers, weights=self.weights, k=2)
        course, end = chance(), start + 1 + int(chance() * (LAST - start))
        if course < 0.70:
            return [(tier, start, 0, "")]
        if course < 0.82:
            return [(tier, start, end, "tier_change"), (other, end, 0, "")] if tier != other else [(tier, start, 0, "")]
        if course < 0.92:
            return [(tier, start, end, self.random.choice(("withdrawal", "lapse", "lapse", "expulsion", "other")))]
        return [(tier, start, end, "lapse"), (other, end + 1 + int(chance() * 300), 0, "")]

    def keep_numbers(self) -> None:
        """Let the database number later members after those made here."""
        MemberNumber.objects.update_or_create(alliance=self.alliance, defaults={"last": self.number})


def _day(ordinal: int) -> str:
    return datetime.date.fromordinal(ordinal).isoformat()
