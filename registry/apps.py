from typing import Any

from django.apps import AppConfig
from django.contrib.admin import apps as admin_apps
from django.utils.translation import gettext_lazy as _

_ABOUT = {
    "organizations": _("Enterprises, institutes and other bodies: names, USCC, township, sectors, contacts"),
    "figures": _("Employees, revenue, R&D of organizations in a year"),
    "qualifications": _("Gradings of organizations, with certificate and validity"),
}


class RegistryConfig(AppConfig):
    name = "registry"
    verbose_name = _("Registry")
    default_auto_field = "django.db.models.BigAutoField"
    default = True

    def ready(self) -> None:
        from registry.accounts import personal
        from registry.collection.importer import figures_import, round_fields
        from registry.collection.returned import after_import
        from registry.database import checks  # noqa: F401 - registers them
        from registry.duplicates import parts
        from registry.erasure import processing
        from registry.erasure.finding import attachments
        from registry.imports import import_tables
        from registry.imports.tables.organizations import OrganizationImport
        from registry.imports.tables.qualifications import QualificationImport
        from registry.organizations.columns.organizations import ORGANIZATION_COLUMNS
        from registry.retention import registry_kinds

        of_rounds: dict[str, Any] = {"option_fields": round_fields, "afterwards": after_import}
        for name, label, make, model in (
            ("organizations", _("Organizations"), OrganizationImport, "organization"),
            ("figures", _("Annual figures"), figures_import, "annualfigures"),
            ("qualifications", _("Qualifications"), QualificationImport, "qualification"),
        ):
            permissions = (f"registry.add_{model}", f"registry.change_{model}")
            table = import_tables.ImportTable(
                name,
                label,
                make,
                permissions,
                f"import_{name}",
                about=_ABOUT[name],
                **(of_rounds if name == "figures" else {}),
            )
            import_tables.add(table)
        parts.declare()
        personal.declare_accounts()
        registry_kinds.declare()
        attachments.declare()
        processing.add_columns(lambda: ORGANIZATION_COLUMNS)


class AdminSiteConfig(admin_apps.AdminConfig):
    """Replaces Django's admin by the site of this project; INSTALLED_APPS names it instead of django.contrib.admin."""

    default = False
    default_site = "registry.site.admin_site.RegistryAdminSite"
