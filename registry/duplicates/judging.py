"""Keeps what people say of two records: 是同一家, which waits for a merger, or 不是同一家, which stays known."""

import pghistory
from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from registry.database.db_errors import Conflict, integrity_errors_as_conflicts
from registry.duplicates.models import PairJudgement
from registry.duplicates.rights import may_merge, require_judging
from registry.organizations.models.choices import RegistrationStatus
from registry.organizations.models.organizations import Organization
from registry.organizations.models.reach import reach_of, within
from registry.values.people import Account

Verdict = PairJudgement.Verdict


def judge(one: int, other: int, verdict: str, user: Account, reason: str = "") -> PairJudgement:
    """Keep what the account says of two records; a later word replaces an earlier one, and the history keeps both."""
    with integrity_errors_as_conflicts(), transaction.atomic(), pghistory.context(operation="judge_pair", user=user.pk):
        records = list(Organization.objects.select_for_update(no_key=True).filter(pk__in=(one, other)).order_by("pk"))
        if len(records) != 2:
            raise ValidationError(_("Two different records are compared."))
        require_judging(user, *records)
        if any(record.registration_status == RegistrationStatus.MERGED for record in records):
            raise Conflict(_("One of the two was merged meanwhile: nothing was stored."), code="conflict")
        if verdict not in Verdict.values:
            raise ValidationError(_("Say whether the two are the same."))
        row = PairJudgement.objects.filter(first=records[0], second=records[1]).first()
        if row and verdict == row.verdict == Verdict.SAME and row.judged_by_id not in (None, user.pk):
            return row  # the first word counts: whoever merges needs another person's
        row = row or PairJudgement(first=records[0], second=records[1])
        row.verdict, row.reason, row.judged_by, row.judged_at = verdict, reason.strip(), user, timezone.now()  # type: ignore[assignment]
        row.full_clean()
        row.save()
        return row


def judged(user: Account, verdict: str) -> QuerySet[PairJudgement]:
    """Return what was said of records that the account works on, the latest first."""
    found = PairJudgement.objects.filter(verdict=verdict).select_related("first", "second", "judged_by")
    if verdict == Verdict.SAME:
        merged = RegistrationStatus.MERGED
        found = found.exclude(first__registration_status=merged).exclude(second__registration_status=merged)
    if reach_of(user) is None:
        return found
    return found.filter(within(user, lambda name: f"first__{name}"), within(user, lambda name: f"second__{name}"))


def waiting_for(user: Account) -> int:
    """Return how many pairs are said to be the same, for an account that merges them; 0 for others."""
    return judged(user, Verdict.SAME).count() if may_merge(user) else 0


def said_of(one: int, other: int) -> PairJudgement | None:
    first, second = sorted((one, other))
    return PairJudgement.objects.filter(first=first, second=second).select_related("judged_by").first()


def different_from(organizations: list[int]) -> set[tuple[int, int]]:
    """Return the pairs of these records and others that are not the same, the older record first."""
    of = Q(first__in=organizations) | Q(second__in=organizations)
    return set(PairJudgement.objects.filter(of, verdict=Verdict.DIFFERENT).values_list("first", "second"))
