from django.apps import AppConfig
from django.contrib.admin import apps as admin_apps
from django.utils.translation import gettext_lazy as _


class RegistryConfig(AppConfig):
    name = "registry"
    verbose_name = _("Registry")
    default_auto_field = "django.db.models.BigAutoField"
    default = True

    def ready(self) -> None:
        from registry import checks  # noqa: F401 - registers them


class AdminSiteConfig(admin_apps.AdminConfig):
    """Django's admin with the site of this project; named in INSTALLED_APPS in place of django.contrib.admin."""

    default = False
    default_site = "registry.site.RegistryAdminSite"
