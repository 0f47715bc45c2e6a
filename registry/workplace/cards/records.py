"""The cards about organizations, proposals, imports and collection rounds."""

from dataclasses import dataclass

from django.db.models import Case, Count, F, Q, QuerySet, When
from django.http import HttpRequest
from django.utils.timezone import localdate
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from registry.collection.models import CollectionRound, RoundOrganization
from registry.duplicates import judging
from registry.duplicates.models import PairJudgement
from registry.duplicates.rights import MERGE
from registry.imports.admin.batches import UNDECIDED, undecided, visible_batches
from registry.imports.models import ImportBatch
from registry.organizations.completeness import lacks, unusual_uscc
from registry.organizations.freshness import DUE, conditions
from registry.organizations.models.choices import RegistrationStatus
from registry.organizations.models.index_tables import OrganizationIndex
from registry.organizations.models.organizations import Organization, OrganizationQuerySet
from registry.organizations.models.reach import within
from registry.proposals import rights
from registry.reference.cache import references
from registry.suggestions import admin as suggestions
from registry.suggestions import review
from registry.values.people import Account
from registry.workplace.cards.card import Number, StartCard, add, bounded, list_address, organizations_address

CHANGE, VERIFY = "registry.change_organization", "registry.verify_organization"
PUBLISH, OVERRIDE = "registry.publish_organization", "registry.override_uscc"
VIEW_ROUNDS = ("registry.view_collectionround", "registry.view_annualfigures")
_KEPT = "_round_progress"
"""The attribute of a request that keeps the round, as number, address and note of its card need it."""
_SUGGESTED, _LOOK_AT = 99, 500
"""Suggestions are read out of texts: so many are counted, from so many organizations without a sector."""


def _asked_of(request: HttpRequest) -> OrganizationQuerySet:
    """Return the organizations that the list shows which a card leads to."""
    return Organization.objects.unmerged().within_reach_of(request.user)


# --- Organizations


def _without_sector(request: HttpRequest) -> Number:
    plan = references().current_plan
    rows = review.narrowed_to_untagged(_asked_of(request), plan)
    return bounded(rows.filter(lacks(["sectors"], plan)))


def _without_uscc(request: HttpRequest) -> Number:
    return bounded(_asked_of(request).filter(lacks(["uscc"], references().current_plan)))


def _due(request: HttpRequest) -> Number:
    known = conditions(localdate())
    condition = Q()
    for value in DUE:
        condition |= known[value]
    return bounded(_asked_of(request).filter(condition))


def _suggested(request: HttpRequest) -> Number | None:
    plan = references().current_plan
    if plan is None:
        return None
    rows = Organization.objects.within_reach_of(request.user)
    found, go_on = review.count_proposals(rows, plan, count=_SUGGESTED, look_at=_LOOK_AT)
    return Number(found, go_on is not None)


def _unpublished(request: HttpRequest) -> Number:
    """Count in the index table: the rows of organizations are wide, and none of their indexes says it."""
    rows = OrganizationIndex.objects.filter(within(request.user))
    return bounded(rows.filter(published=False, registration_status=RegistrationStatus.ACTIVE))


# --- Imports and rounds


def _open_imports(request: HttpRequest) -> QuerySet[ImportBatch]:
    return visible_batches(request.user).filter(state=ImportBatch.State.OPEN)


def _held_back(request: HttpRequest) -> Number:
    return bounded(visible_batches(request.user).filter(undecided()))


@dataclass(frozen=True, slots=True)
class _Progress:
    round: CollectionRound
    asked: int
    unanswered: int


def _progress(request: HttpRequest) -> _Progress | None:
    """Return how far the round is that is due next, or the last one that still takes answers; None without any."""
    if not hasattr(request, _KEPT):
        today = localdate()
        rounds = CollectionRound.objects.filter(Q(closed_on=None) | Q(closed_on__gt=today))
        coming = Case(When(due_on__gte=today, then=F("due_on")))
        asking = rounds.order_by(coming.asc(nulls_last=True), "-due_on", "pk").first()
        setattr(request, _KEPT, _counted(asking, request.user) if asking else None)
    kept: _Progress | None = getattr(request, _KEPT)
    return kept


def _counted(asking: CollectionRound, user: Account) -> _Progress:
    rows = RoundOrganization.objects.filter(round=asking)
    asked = rows.within_reach_of(user).with_answered()
    numbers = asked.aggregate(asked=Count("pk"), unanswered=Count("pk", filter=Q(answered=False)))
    return _Progress(asking, **numbers)


def _unanswered(request: HttpRequest) -> Number | None:
    progress = _progress(request)
    return Number(progress.unanswered) if progress else None


def _days_left(request: HttpRequest) -> str:
    """Return how far the round is in words, and how many days are left."""
    progress = _progress(request)
    if progress is None:
        return ""
    days = (progress.round.due_on - localdate()).days
    left = (
        ngettext("%(count)d day left", "%(count)d days left", days) % {"count": days}
        if days >= 0
        else ngettext("%(count)d day too late", "%(count)d days too late", -days) % {"count": -days}
    )
    answered = progress.asked - progress.unanswered
    said = {"round": progress.round.title, "answered": answered, "asked": progress.asked, "left": left}
    return _("%(round)s: %(answered)d of %(asked)d answered, %(left)s") % said


def _round_address(request: HttpRequest) -> str:
    progress = _progress(request)
    return list_address(
        "registry_roundorganization_changelist", round=progress.round.pk if progress else "", answered="no"
    )


CARDS = (
    StartCard(
        "proposals",
        gettext_lazy("Waiting for your decision"),
        (rights.VIEW,),
        lambda request: bounded(rights.to_decide(request.user)),
        lambda request: list_address("registry_proposal_changelist", state="mine"),
        if_any=True,
    ),
    StartCard(
        "same-body",
        gettext_lazy("Said to be the same body"),
        (MERGE,),
        lambda request: bounded(judging.judged(request.user, PairJudgement.Verdict.SAME)),
        lambda request: list_address("registry_merger_changelist", said=PairJudgement.Verdict.SAME.value),
        if_any=True,
    ),
    StartCard(
        "imports-undecided",
        gettext_lazy("Imports with rows to decide"),
        (CHANGE,),
        _held_back,
        lambda request: list_address("registry_importbatch_changelist", state=UNDECIDED),
    ),
    StartCard(
        "imports-open",
        gettext_lazy("Imports not applied yet"),
        (CHANGE,),
        lambda request: bounded(_open_imports(request)),
        lambda request: list_address("registry_importbatch_changelist", state=ImportBatch.State.OPEN),
    ),
    StartCard(
        "suggestions",
        gettext_lazy("With suggested sectors"),
        suggestions.PERMISSIONS,
        _suggested,
        lambda request: list_address("registry_organization_suggestions"),
    ),
    StartCard(
        "missing-sectors",
        gettext_lazy("Without a sector"),
        (CHANGE,),
        _without_sector,
        lambda request: organizations_address(request, missing="sectors"),
    ),
    StartCard(
        "missing-uscc",
        gettext_lazy("Without a USCC"),
        (CHANGE,),
        _without_uscc,
        lambda request: organizations_address(request, missing="uscc"),
    ),
    StartCard(
        "due",
        gettext_lazy("Waiting to be verified"),
        (VERIFY,),
        _due,
        lambda request: organizations_address(request, freshness=",".join(DUE)),
    ),
    StartCard(
        "unpublished",
        gettext_lazy("Not published yet"),
        (PUBLISH,),
        _unpublished,
        lambda request: organizations_address(
            request, published="false", registration_status=RegistrationStatus.ACTIVE.value
        ),
    ),
    StartCard(
        "unusual-uscc",
        gettext_lazy("Check character of the USCC does not fit"),
        (OVERRIDE,),
        lambda request: bounded(_asked_of(request).filter(unusual_uscc())),
        lambda request: organizations_address(request, unusual_uscc="true"),
    ),
    StartCard(
        "round",
        gettext_lazy("Have not answered the round"),
        VIEW_ROUNDS,
        _unanswered,
        _round_address,
        _days_left,
    ),
)
add(*CARDS)
