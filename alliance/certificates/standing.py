"""The state of one certificate on a day, in words."""

import datetime

from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from alliance.models import Certificate


def standing_of(certificate: Certificate, on: datetime.date) -> str:
    """Return the state; `certificate` comes from `with_member_on()`."""
    one = certificate
    if one.ended_on and one.ended_on <= on:
        return str(one.get_end_kind_display())
    if one.valid_to and one.valid_to <= on:
        return pgettext("certificate", "run out")
    if not one.is_member:  # type: ignore[attr-defined]
        return pgettext("certificate", "returned") if one.returned_on else pgettext("certificate", "to be returned")
    if one.valid_from > on:
        return _("valid from %(day)s") % {"day": one.valid_from.isoformat()}
    if one.ended_on:
        return _("valid until %(day)s") % {"day": (one.ended_on - datetime.timedelta(days=1)).isoformat()}
    return pgettext("certificate", "valid")
