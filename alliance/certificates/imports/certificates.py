"""Imports certificates that were printed elsewhere: a row is one certificate, found by its number.

What a file leaves out follows from the records: the names of organization, alliance and tier on the day of issue.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from functools import cached_property
from typing import ClassVar

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from alliance.certificates.columns import CERTIFICATE_COLUMNS
from alliance.certificates.models import PRINTED
from alliance.council.imports.council import NoOverlap
from alliance.council.imports.members import MEMBER_KEYS, CouncilRenderContext, OfMembers, by_keys
from alliance.models import Alliance, Certificate
from registry.columns import Column, RenderContext
from registry.spreadsheet import Vocabulary


def _former(name: str, of: str, day: str) -> str:
    """Return SQL for the name of an alliance or tier that ended after a day, the first in time."""
    rows = f"FROM alliance_formername f WHERE {of} AND f.replaced_on > {day} ORDER BY f.replaced_on LIMIT 1"
    return f"(SELECT nullif(f.{name}, '') {rows})"


def _organization(name: str, script: str) -> str:
    former = (
        "(SELECT n.name FROM registry_name n WHERE n.organization_id = o.id AND n.kind = 'former' "
        f"AND n.valid_to > r.issued_on AND (n.valid_from IS NULL OR n.valid_from <= r.issued_on) AND {script} "
        "ORDER BY n.valid_to, n.id LIMIT 1)"
    )
    return f"coalesce({former}, o.{name})"


_CHINESE = "n.name ~ '[\u3400-\u9fff]'"
_ZH = _organization("name_zh", f"(n.language LIKE 'zh%%' OR n.language = '' AND {_CHINESE})")
_EN = _organization("name_en", f"(n.language LIKE 'en%%' OR n.language = '' AND NOT {_CHINESE})")
_OF = "FROM alliance_member mb JOIN registry_organization o ON o.id = mb.organization_id WHERE mb.id = r.member"
_HELD = """
FROM alliance_membership m JOIN alliance_tier t ON t.id = m.tier_id
WHERE m.member_id = r.member AND m.admitted_on <= coalesce(r.valid_from, r.issued_on)
  AND (m.ended_on IS NULL OR m.ended_on > coalesce(r.valid_from, r.issued_on))
"""


def _tier(name: str) -> str:
    return f"(SELECT coalesce({_former(name, 'f.tier_id = t.id', 'r.issued_on')}, t.{name}) {_HELD})"


def _alliance(name: str) -> str:
    own = "FROM alliance_member mb JOIN alliance_alliance a ON a.id = mb.alliance_id WHERE mb.id = r.member"
    former = _former(name, "f.alliance_id = a.id AND f.tier_id IS NULL", "r.issued_on")
    return f"(SELECT coalesce({former}, a.{name}) {own})"


_TWO_NAMES = "CASE WHEN o.name_zh = '' THEN '' ELSE {} END"
_WITHOUT_TIER = """
SELECT n, NULL FROM import_final WHERE is_new AND tier_name IS NULL AND member_id IS NOT NULL AND issued_on IS NOT NULL
ORDER BY n
"""
_OTHER_MEMBER = """
SELECT f.n, mb.member_no FROM import_final f JOIN alliance_certificate x ON x.id = f.id
JOIN alliance_member mb ON mb.id = x.member_id WHERE f.member_id <> x.member_id ORDER BY f.n
"""
_AS_PRINTED = f"""
SELECT f.n, x.number FROM import_final f JOIN alliance_certificate x ON x.id = f.id
WHERE NOT x.from_list AND ({" OR ".join(f"f.{name} IS DISTINCT FROM x.{name}" for name in PRINTED)}) ORDER BY f.n
"""


class CertificateRenderContext(CouncilRenderContext):
    """Shows a successor by its number."""

    def __init__(self, alliance: Alliance) -> None:
        super().__init__(alliance)
        self._numbers_of = alliance

    @cached_property
    def certificate_numbers(self) -> dict[int | None, str]:
        return dict(self._numbers_of.certificates.values_list("pk", "number"))


def _number(pk: int | None, context: CertificateRenderContext) -> str:
    return context.certificate_numbers.get(pk, "")


def _shown() -> tuple[Column, ...]:
    """Return the columns as the import has them: a successor by its key, written as its number."""
    columns = by_keys(CERTIFICATE_COLUMNS)
    return tuple(replace(one, write=_number) if one.name == "replaced_by" else one for one in columns)


@dataclass
class CertificateImport(OfMembers):
    """Adds and changes certificates that were printed elsewhere, never removes them."""

    TABLE: ClassVar[str] = "certificates"
    NAMED_BY: ClassVar[tuple[str, ...]] = ("number",)

    model = Certificate
    shown = _shown()
    defaults: ClassVar = {
        "from_list": "true",
        "valid_from": "r.issued_on",
        "organization_name": f"(SELECT coalesce(nullif({_ZH}, ''), {_EN}) {_OF})",
        "organization_name_en": f"(SELECT {_TWO_NAMES.format(_EN)} {_OF})",
        "tier_name": _tier("name_zh"),
        "tier_name_en": f"coalesce({_tier('name_en')}, '')",
        "alliance_name": _alliance("name_zh"),
        "alliance_name_en": _alliance("name_en"),
        "member_number": f"(SELECT mb.member_no {_OF})",
        "signature": _alliance("name_zh"),
    }
    key = ("number",)
    same = "x.number = r.number"
    needed: ClassVar = {"number": _("A row needs the number of its certificate.")}
    needed_if_new: ClassVar = {
        "member": _("A row needs the member that holds the certificate."),
        "issued_on": _("A new certificate needs its day of issue."),
    }
    no_overlap = NoOverlap(
        "certificate_one_at_a_time",
        ("member_id",),
        "least(x.valid_to, x.ended_on)",
        among="(x.ended_on IS NULL OR x.ended_on > x.valid_from)",
        begin="valid_from",
        named=("valid_from", "issued_on", "valid_to"),
    )
    second_message = _("Row %(rows)s is about the same certificate: keep one of them.")

    def missing(self, names: set[str]) -> str | Promise | None:
        return super().missing(names) or (_("name or number of the member") if names.isdisjoint(MEMBER_KEYS) else None)

    def vocabularies(self) -> dict[str, Vocabulary[object]]:
        return {"replaced_by": Vocabulary(_("certificate of membership"), self._known)}

    def _known(self) -> Iterator[tuple[int, Iterable[str]]]:
        for pk, number in self.alliance.certificates.values_list("pk", "number"):
            yield pk, [number]

    def check_rules(self) -> None:
        message = _(
            "It is not recorded as a member on the first valid day: correct the membership, or give the tier that "
            "stands on the certificate."
        )
        self.refuse_all(_WITHOUT_TIER, ("tier_name", "valid_from", "issued_on"), message)
        message = _("This certificate is recorded for the member %(value)s.")
        self.refuse_all(_OTHER_MEMBER, MEMBER_KEYS, message)
        message = _("The certificate %(value)s was issued here and stays as it was printed: issue another one.")
        self.refuse_all(_AS_PRINTED, "number", message)

    def render_context(self) -> RenderContext:
        return CertificateRenderContext(self.alliance)
