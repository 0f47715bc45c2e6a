from django.contrib import admin
from django.urls import include, path
from django.views.generic import RedirectView

urlpatterns = [
    path("", RedirectView.as_view(pattern_name="admin:index")),
    path("admin/", admin.site.urls),
    path("i18n/", include("django.conf.urls.i18n")),
    path("", include("config.api")),
]

handler400 = "registry.site.error_pages.bad_request"
handler403 = "registry.site.error_pages.permission_denied"
handler404 = "registry.site.error_pages.page_not_found"
handler500 = "registry.site.error_pages.server_error"
