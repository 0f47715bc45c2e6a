"""Who may say that two records are, or are not, the same, and who merges them: ADR 0032."""

from collections.abc import Iterator

from django.core.exceptions import PermissionDenied
from django.utils.translation import gettext as _

from registry.duplicates.models import PairJudgement
from registry.duplicates.pairs import RecordPair
from registry.organizations.models.organizations import Organization
from registry.organizations.models.reach import reaches
from registry.proposals.holding import two_persons
from registry.values.people import Account

CHANGE, MERGE, PUBLISH = (
    "registry.change_organization",
    "registry.merge_organization",
    "registry.publish_organization",
)


def may_judge(user: Account) -> bool:
    """Return whether the account may compare records, and say what it thinks of them."""
    return user.has_perm(CHANGE) or user.has_perm(MERGE)


def may_merge(user: Account) -> bool:
    return bool(user.has_perm(MERGE))


def reaches_both(user: Account, *records: Organization) -> bool:
    return all(reaches(user, record) for record in records)


def require_judging(user: Account, *records: Organization) -> None:
    """Raise PermissionDenied unless the account works on all the records."""
    if not may_judge(user):
        raise PermissionDenied(_("Your account may not compare and merge records."))
    if not reaches_both(user, *records):
        raise PermissionDenied(_("Both records have to be in the townships that your account works on."))


def lacking(pair: RecordPair) -> Iterator[str]:
    """Yield why the account does not merge the two: rights that it lacks, or the second person."""
    user = pair.user
    if user is None:
        return
    if not may_merge(user):
        yield _("Your account may propose that two records are the same; a reviewer merges them.")
        return
    public = pair.kept.published or pair.merged.published
    if public and not user.has_perm(PUBLISH):
        yield _("One of the records is published: whoever merges them needs the right to publish.")
    if public and two_persons() and not _second_person(pair, user):
        yield _("What is published is changed by two persons: somebody else proposes first that the two are the same.")


def _second_person(pair: RecordPair, user: Account) -> bool:
    first, second = sorted(pair.ids)
    said = PairJudgement.objects.filter(first=first, second=second, verdict=PairJudgement.Verdict.SAME)
    return said.exclude(judged_by=None).exclude(judged_by=user.pk).exists()
