"""Adds the page to the site of the staff."""

from typing import cast

from django.contrib import admin

from alliance.falling_due import own, page
from registry.site.admin_site import RegistryAdminSite

__all__ = ["own"]

_site = cast(RegistryAdminSite, admin.site)
_site.add_page("falling-due/", page.view, "falling_due")
_site.add_page("falling-due/file/", page.file, "falling_due_file")
