"""The address of attachments on the staff's site, and their list on the page of a record that holds them."""

from collections.abc import Iterable
from typing import cast

from django.contrib import admin
from django.db import models
from django.http import HttpRequest
from django.template.loader import render_to_string

from registry.attachments import holders, views
from registry.attachments.models import Attachment
from registry.site.admin_site import RegistryAdminSite

_site = cast(RegistryAdminSite, admin.site)
_site.add_page("attachments/<uuid:key>/", views.download, "attachment")  # type: ignore[arg-type]


def attachments_table(request: HttpRequest, attachments: Iterable[Attachment], held_by: type[models.Model]) -> str:
    """Return attachments of a record as a table: links for who may open them, else their names alone."""
    may_open = holders.may_open(request.user, held_by)  # type: ignore[arg-type]
    context = {"attachments": list(attachments), "may_open": may_open}
    return render_to_string("admin/registry/attachments.html", context, request)
