"""Reminds administrators if the last backup was long ago."""

import datetime

from django.conf import settings
from django.contrib.auth import get_user_model
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from registry.database.backups import LastBackup
from registry.database.permission_names import permission
from registry.organizations.models.organizations import Organization
from registry.values.people import Account


def backup_warning(user: Account) -> str | None:
    """Return the warning for this user, if any. Only people who manage accounts get it, because they can act on it."""
    if not settings.BACKUP_DAYS or not user.has_perm(permission("change", get_user_model())):
        return None
    limit = timezone.now() - datetime.timedelta(days=settings.BACKUP_DAYS)
    last = LastBackup.objects.values_list("taken_at", flat=True).first()
    if last is None:
        oldest = Organization.objects.order_by("pk").values_list("created_at", flat=True).first()
        told = _("No backup has been made yet.") if oldest and oldest < limit else None
    elif last < limit:
        days = (timezone.now() - last).days
        told = ngettext(
            "The last backup was made %(days)d day ago.", "The last backup was made %(days)d days ago.", days
        ) % {"days": days}
    else:
        told = None
    return told and _("%(told)s On the server, manage.py backup FILE makes one.") % {"told": told}
