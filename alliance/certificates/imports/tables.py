"""Registers certificates as a table that files can be imported into."""

from django.utils.translation import gettext_lazy as _

from alliance.certificates.imports.certificates import CertificateImport
from alliance.council.imports.tables import council_table

CERTIFICATES = council_table(
    CertificateImport,
    _("Certificates of membership"),
    _("Certificates that an alliance has issued before: number, member, day of issue, last valid day, how they ended"),
)
