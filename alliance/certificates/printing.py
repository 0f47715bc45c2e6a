"""Prints certificates as PDF, from the texts that each certificate keeps and not from the records of today."""

import datetime
from collections.abc import Iterator, Sequence
from typing import Any

from django.db.models import Count, Max, Q, QuerySet
from django.utils.timezone import localdate, localtime
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from alliance.certificates.issuing import MOST
from alliance.models import Certificate, Membership
from alliance.papers.document import Printer, unprintable
from alliance.papers.pdf import TEMPLATES
from registry.api.errors import InvalidParameters
from registry.api.lists.files import Table
from registry.api.lists.renderers import FileRenderer
from registry.columns import Column
from registry.disclosure.receipts import properties
from registry.typesetting import typeset_file

TAGGED = 50
"""Files with more certificates are not tagged for programs that read aloud."""


class CertificatePaper(Table):
    """The certificates of a list, one on each sheet."""

    def __init__(self, title: str, certificates: QuerySet[Any], columns: Sequence[Column]) -> None:
        """Raises InvalidParameters for a list that cannot be printed."""
        self.title, self.columns = title, columns
        self.certificates = list(certificates.select_related("replaced_by")[: MOST + 1])
        self.count = len(self.certificates)
        if not self.count:
            raise InvalidParameters({"format": _("No certificate is chosen: there is nothing to print.")})
        if self.count > MOST:
            raise InvalidParameters(
                {"format": _("At most %(most)d certificates are printed at once: choose fewer.") % {"most": MOST}}
            )

    def cells(self) -> Iterator[Sequence[object]]:
        return iter(())

    def printed(self) -> bytes:
        document = document_of(self.certificates, properties(self.receipt))
        return typeset_file(TEMPLATES / "certificate.typ", document, tagged=self.count <= TAGGED)


class CertificateRenderer(FileRenderer):
    media_type = "application/pdf"
    format = "pdf"

    def stream(self, table: Table) -> Iterator[bytes]:
        assert isinstance(table, CertificatePaper)  # noqa: S101 - the view gives no other
        yield table.printed()


def document_of(certificates: Sequence[Certificate], said: dict[str, str]) -> dict[str, Any]:
    """Return what the template sets. The certificate itself has both languages, notes have the active one."""
    printer, english, left = Printer(), (get_language() or "").startswith("en"), _left(certificates)
    sheets = [_sheet(one, printer, number, left.get(one.member_id)) for number, one in enumerate(certificates, 1)]
    return {
        "lang": "en" if english else "zh",
        "region": "us" if english else "cn",
        "title": _("Certificates of membership"),
        "author": said.get("author", ""),
        "receipt": said.get("comments", ""),
        "date": [*localtime().timetuple()[:3]],
        "sheets": sheets,
        **unprintable(printer),
    }


def _left(certificates: Sequence[Certificate]) -> dict[int, datetime.date]:
    """Return of the members that are none any more since when: no certificate holds without its membership."""
    rows = Membership.objects.filter(member__in={one.member_id for one in certificates}).order_by().values("member")
    last = rows.annotate(last=Max("ended_on"), open=Count("pk", filter=Q(ended_on=None))).filter(open=0)
    return dict(last.filter(last__lte=localdate()).values_list("member", "last"))


def _sheet(one: Certificate, printer: Printer, number: int, left: datetime.date | None) -> dict[str, Any]:
    last = one.valid_to and one.valid_to - datetime.timedelta(days=1)
    return {
        "number": printer.text(one.number, number),
        "name": printer.text(one.organization_name, number),
        "name_en": printer.text(one.organization_name_en, number),
        "alliance": printer.text(one.alliance_name, number),
        "alliance_en": printer.text(one.alliance_name_en, number),
        "tier": printer.text(one.tier_name, number),
        "tier_en": printer.text(one.tier_name_en, number),
        "member_number": printer.text(one.member_number, number),
        "signature": printer.text(one.signature, number),
        "issued": _parts(one.issued_on),
        "first": _parts(one.valid_from),
        "last": _parts(last) if last else [],
        "ended": printer.text(_ended(one, left), number),
    }


def _parts(day: datetime.date) -> list[int]:
    return [day.year, day.month, day.day]


def _ended(one: Certificate, left: datetime.date | None) -> str:
    """Say at the foot of a reprint that the certificate does not hold any more; empty for one that has not ended.

    What its own period says stands on it already.
    """
    if left and left < (one.over_on or datetime.date.max):
        said = {"day": f"{left:%Y-%m-%d}", "kind": _("the membership has ended")}
        return _("Copy for the files: not valid from %(day)s (%(kind)s).") % said
    if one.ended_on is None:
        return ""
    said = {"day": f"{one.ended_on:%Y-%m-%d}", "kind": one.get_end_kind_display()}
    if one.replaced_by:
        text = _("Copy for the files: not valid from %(day)s (%(kind)s; the certificate %(number)s followed).")
        return text % {**said, "number": one.replaced_by.number}
    return _("Copy for the files: not valid from %(day)s (%(kind)s).") % said
