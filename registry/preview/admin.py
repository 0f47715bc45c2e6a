"""Adds the preview to the site of the staff."""

from typing import cast

from django.contrib import admin

from registry.preview import file_columns, page, public, viewer
from registry.site.admin_site import RegistryAdminSite

_site = cast(RegistryAdminSite, admin.site)
_site.previews = page.links
_site.add_page("preview/", public.begin, "preview")
_site.add_page("preview/public/", public.home, "preview_home")
_site.add_page("preview/public/<path:address>", public.view, "preview_public")
_site.add_page("preview/viewer/<path:address>", viewer.view, "preview_viewer")
_site.add_page("preview/columns/<path:resource>", file_columns.view, "preview_columns")
