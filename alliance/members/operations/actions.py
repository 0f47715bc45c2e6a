"""Operations on memberships: admission, change of tier, end, correction.

Every operation locks the organization first, works in one transaction and tells the history what it was. It raises
ValidationError with messages for people, by the name of the parameter; Conflict, a ValidationError too, where the
data as they are now do not allow it: the loser of a race, or a request that comes too late.
"""

import datetime
from typing import Any

from django.core.exceptions import ValidationError
from django.db.models import Q
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from alliance.members import rules
from alliance.members.suspensions import check_within, follow_end
from alliance.models import Alliance, EndReason, Member, Membership, Tier
from registry.database.db_errors import Conflict
from registry.organizations.models.organizations import Organization
from registry.values.people import Account

from .coming_back import bring_back, cut_short
from .direct import refuse_direct, refuse_direct_end
from .operating import operation as _operation
from .operating import save as _save
from .seats import end_with_membership


def admit(
    organization: Organization,
    alliance: Alliance,
    tier: Tier,
    on: datetime.date,
    by: Account | None = None,
    *,
    member_no: str = "",
    remarks: str = "",
) -> Membership:
    """Admit the organization from the day `on`, for the first time or again.

    An empty member number becomes the next free one; a former member keeps the old number. `by` is the acting user, if
    it is not the user of the request.
    """
    with _operation("admit", organization.pk, by) as locked:
        refuse_direct(alliance)
        _check_beginning(locked, alliance, tier, on)
        member = Member.objects.filter(alliance=alliance, organization=locked).first()
        if member is None:
            member = Member(alliance=alliance, organization=locked, member_no=member_no.strip())
            _save(member)
            member.refresh_from_db(fields=["member_no"])
        else:
            _check_free(member, on)
            if member_no.strip() not in ("", member.member_no):
                raise ValidationError({"member_no": rules.NUMBER_KEPT % {"value": member.member_no}})
        return _save(Membership(member=member, tier=tier, admitted_on=on, remarks=remarks), admitted_on="on")


def change_tier(
    member: Member, tier: Tier, on: datetime.date, by: Account | None = None, *, remarks: str = ""
) -> Membership:
    """End the membership in force on the day `on` and begin one at the other tier on the same day.

    The new membership keeps an end that was already stored. Returns the new membership.
    """
    with _operation("change_tier", member.organization_id, by) as locked:
        refuse_direct(member.alliance_id)
        old = member.memberships.as_of(on).select_related("tier").first()
        if old is None:
            raise Conflict({"on": rules.NOT_A_MEMBER % {"day": _day(on)}}, code="conflict")
        if old.tier_id == tier.pk:
            params = {"tier": tier, "since": _day(old.admitted_on)}
            raise Conflict({"tier": rules.SAME_TIER % params}, code="conflict")
        if old.admitted_on == on:
            raise Conflict({"on": rules.SAME_DAY % {"tier": old.tier}}, code="conflict")
        _check_beginning(locked, member.alliance, tier, on, changed=old)
        new = Membership(
            member=member,
            tier=tier,
            admitted_on=on,
            ended_on=old.ended_on,
            end_reason=old.end_reason,
            remarks=remarks,
        )
        old.ended_on, old.end_reason = on, EndReason.TIER_CHANGE
        _save(old, ended_on="on")
        return _save(new, admitted_on="on")


def end(
    target: Member | Membership,
    on: datetime.date,
    reason: str,
    by: Account | None = None,
    *,
    remarks: str = "",
    end_seats: bool = False,
) -> Membership:
    """End the open membership: `on` is the first day on which the organization is no longer a member.

    `remarks`, if given, are added to the stored remarks. Seats in groups that last longer end with it if `end_seats`
    says that the person agreed; otherwise they prevent it.
    """
    member = target.member if isinstance(target, Membership) else target
    with _operation("end", member.organization_id, by) as locked:
        if reason not in EndReason.values or reason == EndReason.TIER_CHANGE:
            raise ValidationError({"reason": _("Say why the membership ends.")})
        refuse_direct_end(member.alliance_id, locked, reason)
        membership = member.memberships.open().first()
        if isinstance(target, Membership) and target != membership:
            membership = None
        if membership is None:
            raise Conflict(_("This membership has ended already."), code="conflict")
        if on <= membership.admitted_on:
            raise ValidationError(
                {
                    "on": _("The membership began on %(day)s: it can end from the day after.")
                    % {"day": _day(membership.admitted_on)}
                }
            )
        membership.ended_on, membership.end_reason = on, reason
        membership.remarks = "\n".join(filter(None, (membership.remarks, remarks)))
        end_with_membership(member, on, end_seats)
        _save(membership, ended_on="on", end_reason="reason")
        follow_end(member, None, on)
        check_within(member, "on")
        return membership


def cancel_end(member: Member, by: Account | None = None, *, said: list[str] | None = None) -> Membership:
    """Cancel an end in the future: the membership continues as if it had not been ended, and so do its suspensions and
    the seats that ended with it. `said` takes what became of each, in words.
    """
    with _operation("cancel_end", member.organization_id, by):
        membership = member.memberships.ending_later().order_by("-admitted_on").first()
        if membership is None:
            raise Conflict(_("No end lies ahead that could be cancelled."), code="conflict")
        cut = cut_short(membership)
        membership.ended_on, membership.end_reason = None, ""
        _save(membership)
        back = bring_back(cut)
        if said is not None:
            said += back
        return membership


def correct(membership: Membership, by: Account | None = None, *, reason: str = "", **values: Any) -> Membership:
    """Correct wrong records: `tier`, `admitted_on`, `ended_on`, `end_reason`, `remarks`.

    If a change of tier joins two memberships, both are changed together, so that no gap appears between them. Who
    changes the tier or the membership of a day that has passed says the reason, which the history keeps.
    """
    unknown = values.keys() - {"tier", "admitted_on", "ended_on", "end_reason", "remarks"}
    if unknown:
        raise TypeError(f"A correction does not know {', '.join(sorted(unknown))}.")
    with _operation("correct", membership.member.organization_id, by, reason.strip()) as locked:
        # As it stands now: what the caller holds may be older, or filled in from a form.
        stored = Membership.objects.select_related("member", "tier").get(pk=membership.pk)
        siblings = Membership.objects.filter(member=stored.member_id)
        before = siblings.filter(ended_on=stored.admitted_on, end_reason=EndReason.TIER_CHANGE).first()
        after = None
        if stored.ended_on and stored.end_reason == EndReason.TIER_CHANGE:
            after = siblings.filter(admitted_on=stored.ended_on).first()
        was = rules.StoredPeriod(stored.tier_id, stored.admitted_on, stored.ended_on)
        why = stored.end_reason
        cut = cut_short(stored)
        for name, value in values.items():
            setattr(stored, name, value)
        if stored.tier_id != was.tier:
            refuse_direct(stored.alliance_id)
        if stored.ended_on and (was.ended_on is None or stored.end_reason != why):
            refuse_direct_end(stored.alliance_id, locked, stored.end_reason)
        if after and (stored.ended_on is None or stored.end_reason != EndReason.TIER_CHANGE):
            raise ValidationError({"ended_on": _("Another tier follows: keep the change of tier and give its day.")})
        if after is None and stored.end_reason == EndReason.TIER_CHANGE:
            raise ValidationError({"end_reason": _("Nothing follows this membership, so this is no change of tier.")})
        now = rules.StoredPeriod(stored.tier_id, stored.admitted_on, stored.ended_on)
        _save_joined(before, stored, after)
        if after is None and was.ended_on and now.ended_on is None:
            bring_back(cut)
        elif after is None and was.ended_on != now.ended_on:
            follow_end(stored.member, was.ended_on, now.ended_on)
        check_within(stored.member)
        if not reason.strip() and rules.rewrites_the_past(was, now, timezone.localdate()):
            raise ValidationError({"reason": rules.REASON_ASKED})
        return stored


def _save_joined(before: Membership | None, stored: Membership, after: Membership | None) -> None:
    """Save a membership with its neighbours, the ones that become shorter first, because periods must never overlap."""
    shorter: list[tuple[Membership, dict[str, str]]] = []
    longer: list[tuple[Membership, dict[str, str]]] = []
    if before and before.ended_on and before.ended_on != stored.admitted_on:
        (shorter if stored.admitted_on < before.ended_on else longer).append((before, {"ended_on": "admitted_on"}))
        before.ended_on = stored.admitted_on
    if after and stored.ended_on and after.admitted_on != stored.ended_on:
        (shorter if stored.ended_on > after.admitted_on else longer).append((after, {"admitted_on": "ended_on"}))
        after.admitted_on = stored.ended_on
    for membership, names in [*shorter, (stored, {}), *longer]:
        _save(membership, **names)


def _check_beginning(
    organization: Organization, alliance: Alliance, tier: Tier, on: datetime.date, changed: Membership | None = None
) -> None:
    """Refuse an admission, or a change of tier of a membership, that breaks a rule."""
    if tier.alliance_id != alliance.pk:
        raise ValidationError({"tier": rules.TIER_OF_ANOTHER_ALLIANCE})
    begin = rules.Beginning(
        on,
        changed.ended_on if changed else None,
        alliance.founded_on,
        alliance.dissolved_on,
        tier.disabled_on,
        organization.registration_status,
        organization.closed_on,
    )
    for refusal in rules.refusals(begin):
        # A change of tier has no parameter for the organization.
        nameless = changed and refusal.parameter == "organization"
        raise ValidationError(refusal.text() if nameless else {refusal.parameter: refusal.text()})


def _check_free(member: Member, on: datetime.date) -> None:
    """Refuse if a membership holds on or after the day `on`, because the new membership has no end."""
    clash = (
        member.memberships.filter(Q(ended_on__isnull=True) | Q(ended_on__gt=on))
        .select_related("tier")
        .order_by("admitted_on")
        .first()
    )
    if clash is None:
        return
    params = {"tier": clash.tier, "day": _day(clash.admitted_on)}
    if clash.admitted_on > on:
        message = _(
            "A membership (%(tier)s) begins on %(day)s already: admit it from a later day, or correct that one."
        )
    elif clash.ended_on is None:
        raise Conflict(is_member(clash), code="conflict")
    else:
        params["end"] = _day(clash.ended_on)
        message = _("It is a member already: %(tier)s from %(day)s until %(end)s.")
    raise Conflict(message % params, code="conflict")


def is_member(membership: Membership) -> str:
    """Say at which tier, and since when, an organization is a member already."""
    told = _("It is a member already: %(tier)s since %(day)s.")
    return told % {"tier": membership.tier, "day": _day(membership.admitted_on)}


def _day(day: datetime.date) -> str:
    return date_format(day, "DATE_FORMAT")
