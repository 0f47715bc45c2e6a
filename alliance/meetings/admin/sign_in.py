"""The page on which those present are ticked."""

import re
from dataclasses import dataclass

from django.core.exceptions import ValidationError
from django.http import QueryDict
from django.utils.functional import cached_property

from alliance.meetings import calling
from alliance.models import Attendance, Meeting, Membership
from registry.values.people import Account
from registry.values.validators import validate_direction

from .forms import SignInForm

_PROXY_OF = re.compile(r"proxy-(\d{1,18})")
LONGEST = Attendance._meta.get_field("proxy").max_length or 0


@dataclass(slots=True)
class CalledRow:
    """A member that is called: its tier on the day, and what is ticked."""

    attendance: Attendance
    tier: str
    present: bool
    proxy: str
    error: str = ""


class SignInPage:
    def __init__(self, meeting: Meeting, data: QueryDict | None) -> None:
        self.meeting = meeting
        self.data = data
        initial = {"attended": meeting.attended, "attended_reason": meeting.attended_reason}
        self.form = SignInForm(data, initial=initial, decided=meeting.decisions.exists())

    @cached_property
    def ticked(self) -> set[int]:
        given = self.data.getlist("present") if self.data is not None else []
        return {int(one) for one in given if one.isascii() and one.isdecimal() and len(one) < 19}

    @cached_property
    def proxies(self) -> dict[int, str]:
        """The proxies that were typed, by the id of the member; who has sent one is present."""
        found = {}
        for key, value in (self.data or {}).items():
            if (match := _PROXY_OF.fullmatch(key)) and str(value).strip():
                found[int(match[1])] = str(value).replace("\0", "").strip()
        return found

    @cached_property
    def rows(self) -> list[CalledRow]:
        """The members that are called, the highest tier first."""
        day = self.meeting.held_on
        held = Membership.objects.as_of(day).filter(alliance=self.meeting.alliance_id).select_related("tier")
        tiers = {one.member_id: one.tier for one in held}
        called = self.meeting.attendance.select_related("member__organization")
        rows = []
        for one in called:
            tier, pk = tiers.get(one.member_id), one.member_id
            sent = self.data is not None
            proxy = self.proxies.get(pk, "") if sent else one.proxy
            present = pk in self.ticked or bool(proxy) if sent else one.present
            rank = (tier.rank if tier else 99_999, one.member.organization.sort_key, pk)
            rows.append((rank, CalledRow(one, str(tier or ""), present, proxy, self.wrong.get(pk, ""))))
        return [row for _rank, row in sorted(rows, key=lambda pair: pair[0])]

    @cached_property
    def wrong(self) -> dict[int, str]:
        """Complaints about proxies, by the id of the member."""
        found = {}
        field = Attendance._meta.get_field("proxy")
        for pk, proxy in self.proxies.items():
            try:
                field.run_validators(proxy)
                validate_direction(proxy)
            except ValidationError as error:
                found[pk] = " ".join(error.messages)
        return found

    @property
    def present_now(self) -> int:
        return sum(row.present for row in self.rows)

    def run(self, user: Account) -> bool:
        """Store the ticks, if the page was sent; return whether that was done."""
        if self.data is None or not self.form.is_valid() or self.wrong:
            return False
        values = self.form.cleaned_data
        present = {pk: self.proxies.get(pk, "") for pk in self.ticked | self.proxies.keys()}
        try:
            calling.sign_in(
                self.meeting,
                present,
                user,
                attended=values["attended"],
                attended_reason=values["attended_reason"],
                reason=values.get("reason", ""),
            )
        except ValidationError as refused:
            self.form.add_refusal(refused)
            return False
        return True
