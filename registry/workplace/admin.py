"""Adds the pages of the workplace to the site of the staff."""

from typing import cast

from django.contrib import admin

from registry.site.admin_site import RegistryAdminSite
from registry.workplace import start
from registry.workplace.cards import records, system
from registry.workplace.changes import view as changes
from registry.workplace.find import site_pages
from registry.workplace.find import view as find
from registry.workplace.undo import page
from registry.workplace.undo import view as undo

__all__ = ["records", "site_pages", "system"]

_site = cast(RegistryAdminSite, admin.site)
_site.start_page = start.context
_site.add_page("find/", find.view, "find")
_site.add_page("changes/", changes.view, "changes")
_site.add_page("changes/<uuid:change>/", page.view, "change")
_site.add_page("undo/", undo.view, "undo")
