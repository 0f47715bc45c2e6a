"""The addresses of the site. The directory is for everybody; with PUBLIC_ONLY there is nothing else."""

from django.conf import settings
from django.contrib import admin
from django.urls import include, path
from django.urls.resolvers import URLPattern, URLResolver
from django.views.generic import RedirectView

from alliance import directory as alliance
from config import api
from registry.directory import urls as directory

handler400 = "registry.site.error_pages.bad_request"
handler403 = "registry.site.error_pages.permission_denied"
handler404 = "registry.site.error_pages.page_not_found"
handler500 = "registry.site.error_pages.server_error"

pages: list[URLPattern | URLResolver] = [*directory.pages, *alliance.pages]
# The API first: Django tries one pattern after the other, and programs ask more often than people.
urlpatterns: list[URLPattern | URLResolver] = [path("", include(api.public_only if settings.PUBLIC_ONLY else api))]
if settings.PUBLIC_SITE:
    urlpatterns += [
        path("", include(([*pages, *directory.once], "directory"))),
        path("en/", include((pages, "directory-en")), {"lang": "en"}),
    ]
    handler404 = "registry.directory.errors.page_not_found"
    handler400 = "registry.directory.errors.bad_request"
    handler500 = "registry.directory.errors.server_error"
else:
    urlpatterns.append(path("", RedirectView.as_view(pattern_name="admin:index")))
if not settings.PUBLIC_ONLY:
    if settings.OIDC_ISSUER:
        urlpatterns.append(path("admin/sign-in/", include("registry.sign_in.urls")))
    urlpatterns.append(path("admin/", admin.site.urls))
    urlpatterns.append(path("i18n/", include("django.conf.urls.i18n")))
