"""The blank application form 入会申请书 of an alliance, as a workbook to fill in or as a PDF to print."""

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from alliance.models import Alliance
from alliance.papers.application.asked import application_form
from alliance.papers.application.printed import printed
from alliance.papers.application.workbook import workbook
from registry.spreadsheet.output import download_name

FORMS = {
    "xlsx": gettext_lazy("Excel, to fill in on a computer"),
    "pdf": gettext_lazy("PDF, to print and fill in by hand"),
}
_MADE = {
    "xlsx": (workbook, "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
    "pdf": (printed, "application/pdf"),
}


def file_of(alliance: Alliance, form: str) -> tuple[bytes, str]:
    """Return the file in the active language, and its media type. Raises TypesettingFailed."""
    make, media_type = _MADE[form]
    return make(application_form(alliance)), media_type


def file_name(alliance: Alliance, form: str) -> str:
    return download_name(f"{alliance.brief()}-{_('Application for membership')}.{form}")
