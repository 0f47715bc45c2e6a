"""Creates the certificates of the demonstration data: two editions, with one replaced, one lost and one returned."""

import datetime
from typing import Any

from alliance.certificates.issuing import candidates, next_number
from alliance.models import Alliance, Certificate, Member

REPLACED = (Certificate.End.REPLACED, Certificate.End.LOST)


def create_certificates(alliance: Alliance, documents: list[dict[str, Any]], members: dict[str, Member]) -> None:
    """Each document is one issue; `ends` says of the certificates that have ended since how, by registry number."""
    for said in documents:
        issued_on, valid_from = (datetime.date.fromisoformat(said[name]) for name in ("issued_on", "valid_from"))
        chosen = {members[no].pk for no in said["members"]}
        for one in candidates(alliance, valid_from, valid_from, named_on=issued_on, members=chosen):
            end = said.get("ends", {}).get(one.member.organization.registry_no, {})
            new = Certificate.objects.create(
                member=one.member,
                number=next_number(alliance, issued_on),
                issued_on=issued_on,
                valid_from=valid_from,
                valid_to=said["valid_to"],
                **one.printed,
                **end,
            )
            before = Certificate.objects.filter(member=one.member, end_kind__in=REPLACED, replaced_by=None)
            before.exclude(pk=new.pk).update(replaced_by=new)
