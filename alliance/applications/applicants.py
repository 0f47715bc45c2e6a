"""Finds the organization that applies, or enters it, by the same table of decisions about identity as every import."""

from dataclasses import dataclass

from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.utils.translation import gettext as _

from registry.matching.candidates import Asked, find, possible_duplicates
from registry.matching.identity import find_and_decide
from registry.organizations.models.organizations import Organization
from registry.organizations.models.reach import reaches
from registry.search.conditions import find as search
from registry.values.people import Account
from registry.values.punctuation import bracketed, listed
from registry.values.validators import normalise_uscc

MOST = 8
_ALIKE = 30
"""The least score of an offered record, far lower than for possible duplicates: nothing is refused by it."""


@dataclass(frozen=True)
class Applicants:
    """The records that a code or name may be about."""

    certain: Organization | None
    offered: list[Organization]
    """The best first, with the certain one."""


def find_applicants(name: str, uscc: str, able: QuerySet[Organization]) -> Applicants:
    """Return the organizations that it may be; those in `able`, which can apply, come before all others."""
    asked = Asked(name, normalise_uscc(uscc))
    candidates, decided = next(iter(find_and_decide([asked], Organization.objects.all())))
    pks = [one.pk for one in candidates]
    pks += [one.pk for one in find([asked])[0] if one.score >= _ALIKE]
    if name and not able.filter(pk__in=pks).exists():
        pks += [*_search(able, name), *_search(Organization.objects.all(), name)]
    rows = Organization.objects.in_bulk(pks)
    can = set(able.filter(pk__in=pks).values_list("pk", flat=True))
    offered = [rows[pk] for pk in sorted(dict.fromkeys(pks), key=lambda pk: pk not in can) if pk in rows]
    return Applicants(rows.get(decided.pk) if decided else None, offered[:MOST])


def _search(among: QuerySet[Organization], name: str) -> list[int]:
    return list(search(among, name).order_by("pk").values_list("pk", flat=True)[:MOST])


def enter_applicant(organization: Organization, by: Account | None, *, another: bool) -> Organization:
    """Enter a new organization, which the registry must not have yet. It is not published by that.

    `another` says that it is none of those that it resembles. Raises ValidationError by field.
    """
    if by is not None and not by.has_perm("registry.add_organization"):
        raise ValidationError(_("Your account may not enter organizations: ask a registrar to enter it first."))
    asked = Asked(organization.name_zh, normalise_uscc(organization.uscc or ""))
    _candidates, decided = next(iter(find_and_decide([asked], Organization.objects.all())))
    if decided:
        known = Organization.objects.get(pk=decided.pk)
        told = _("The registry has it already: %(name)s (%(number)s). Choose that one.")
        raise ValidationError({"name_zh": told % {"name": known, "number": known.registry_no}})
    alike = possible_duplicates([asked])[0]
    if alike and not another:
        rows = Organization.objects.in_bulk([one.pk for one in alike[:MOST]])
        names = listed(bracketed(one, one.registry_no) for one in rows.values())
        told = _("It may be one of these: %(names)s. Choose that one, or tick that it is another organization.")
        raise ValidationError({"another": told % {"names": names}})
    organization.full_clean()
    if not reaches(by, organization):
        raise ValidationError({"township": _("Your account enters organizations of its townships only.")})
    organization.save()
    return organization
