"""Who may see and who may decide a proposal."""

from django.db.models import Exists, OuterRef, Q, QuerySet

from registry.organizations.models.published import PUBLIC_FIELDS
from registry.organizations.models.reach import reach_of, reaches, reaches_township, within
from registry.proposals.models import Proposal, ProposalSource
from registry.values.people import Account

VIEW, PUBLISH, CHANGE = "registry.view_proposal", "registry.publish_organization", "registry.change_organization"
_PUBLIC = Q(what="organization", field__in=PUBLIC_FIELDS["organization"]) | ~Q(what="organization")


def visible_to(user: Account) -> QuerySet[Proposal]:
    """Return the proposals that the account sees: its own, and those that accounts with its rights decide."""
    if not user.has_perm(VIEW):
        return Proposal.objects.none()
    reach = reach_of(user)
    if user.has_perm(PUBLISH) and reach is None:
        return Proposal.objects.all()
    own = Q(Exists(ProposalSource.objects.filter(proposal=OuterRef("pk"), proposer=user.pk)))
    if user.has_perm(PUBLISH):
        return Proposal.objects.filter(own | within(user, _of_organization) | _moves_to(reach))
    if not user.has_perm(CHANGE):
        return Proposal.objects.filter(own)
    suggested = Q(kind=Proposal.Kind.SUGGESTION) & ~(Q(organization__published=True) & _PUBLIC)
    return Proposal.objects.filter(own | _moves_to(reach) | (suggested & within(user, _of_organization)))


def _of_organization(name: str) -> str:
    return f"organization__{name}"


def _moves_to(reach: frozenset[int] | None) -> Q:
    moves = Q(kind=Proposal.Kind.MOVE)
    return moves if reach is None else moves & Q(new__in=sorted(reach))


def is_proposer(user: Account, proposal: Proposal) -> bool:
    return any(source.proposer_id == user.pk and not source.withdrawn for source in proposal.sources.all())


def holds_right(user: Account, proposal: Proposal) -> bool:
    """Return whether the rights of the account are enough for such a proposal; who made it is not looked at.

    What the public sees needs the right to publish. A move between townships is decided by who may change organizations
    of the new township, other suggestions by who might make the change themselves.
    """
    if not user.has_perm(VIEW):
        return False
    what, field = proposal.what, proposal.field
    if what == "organization" and field == "township" and proposal.new and not reaches_township(user, proposal.new):
        return False  # nobody gives an organization to a township that has not agreed
    moves = proposal.kind == Proposal.Kind.MOVE
    if not moves and not reaches(user, proposal.organization):
        return False
    if user.has_perm(PUBLISH):
        return True
    if not user.has_perm(CHANGE) or proposal.kind == Proposal.Kind.PUBLISHED:
        return False
    public = what != "organization" or field in PUBLIC_FIELDS["organization"]
    return moves or not (public and proposal.organization.published)


def may_decide(user: Account, proposal: Proposal) -> bool:
    """Return whether the account may decide the proposal: nobody decides their own."""
    return holds_right(user, proposal) and not is_proposer(user, proposal)


def to_decide(user: Account) -> QuerySet[Proposal]:
    """Return the open proposals that wait for this account: proposals of other people that it may decide."""
    own = ProposalSource.objects.filter(proposal=OuterRef("pk"), proposer=user.pk, withdrawn=False)
    return visible_to(user).filter(~Exists(own), state=Proposal.State.OPEN)
