"""The addresses of a site with a sign-in by another system: config.urls has them where the environment names one."""

from django.urls import include, path

from config.urls import handler400, handler403, handler404, handler500
from config.urls import urlpatterns as own

__all__ = ["handler400", "handler403", "handler404", "handler500", "urlpatterns"]

urlpatterns = [path("admin/sign-in/", include("registry.sign_in.urls")), *own]
