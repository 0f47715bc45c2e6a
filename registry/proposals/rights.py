"""Who may see and who may decide a proposal."""

from typing import Any

from django.db.models import Exists, OuterRef, Q, QuerySet

from registry.organizations.models.published import PUBLIC_FIELDS
from registry.proposals.models import Proposal, ProposalSource

VIEW, PUBLISH, CHANGE = "registry.view_proposal", "registry.publish_organization", "registry.change_organization"
_PUBLIC = Q(what="organization", field__in=PUBLIC_FIELDS["organization"]) | ~Q(what="organization")


def visible_to(user: Any) -> QuerySet[Proposal]:
    """Return the proposals that the account sees: its own, and those that accounts with its rights decide."""
    if not user.has_perm(VIEW):
        return Proposal.objects.none()
    if user.has_perm(PUBLISH):
        return Proposal.objects.all()
    own = Q(Exists(ProposalSource.objects.filter(proposal=OuterRef("pk"), proposer=user.pk)))
    decided_by_clerks = Q(kind=Proposal.Kind.MOVE) | (
        Q(kind=Proposal.Kind.SUGGESTION) & ~(Q(organization__published=True) & _PUBLIC)
    )
    return Proposal.objects.filter(own | decided_by_clerks if user.has_perm(CHANGE) else own)


def is_proposer(user: Any, proposal: Proposal) -> bool:
    return any(source.proposer_id == user.pk and not source.withdrawn for source in proposal.sources.all())


def holds_right(user: Any, proposal: Proposal) -> bool:
    """Return whether accounts with these rights decide such a proposal, whoever made it.

    What the public sees needs the right to publish. A move between townships is decided by who may change organizations
    of the new township, other suggestions by who might make the change themselves.
    """
    if not user.has_perm(VIEW):
        return False
    if user.has_perm(PUBLISH):
        return True
    if not user.has_perm(CHANGE) or proposal.kind == Proposal.Kind.PUBLISHED:
        return False
    if proposal.kind == Proposal.Kind.MOVE:
        return reaches_township(user, proposal.new)
    public = proposal.what != "organization" or proposal.field in PUBLIC_FIELDS["organization"]
    return not (public and proposal.organization.published)


def may_decide(user: Any, proposal: Proposal) -> bool:
    """Return whether the account may decide the proposal: nobody decides their own."""
    return holds_right(user, proposal) and not is_proposer(user, proposal)


def reaches_township(user: Any, township: int | None) -> bool:
    """Return whether the account may change organizations of a township."""
    return bool(user.has_perm(CHANGE))


def to_decide(user: Any) -> QuerySet[Proposal]:
    """Return the open proposals that wait for this account: those of other people that it may decide."""
    own = ProposalSource.objects.filter(proposal=OuterRef("pk"), proposer=user.pk, withdrawn=False)
    return visible_to(user).filter(~Exists(own), state=Proposal.State.OPEN)
