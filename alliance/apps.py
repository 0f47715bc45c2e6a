from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class AllianceConfig(AppConfig):
    name = "alliance"
    verbose_name = _("Alliances")
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from alliance.council.imports.tables import COUNCIL_TABLES
        from alliance.meetings.models import Decision
        from alliance.members.imports.table import MEMBERSHIPS
        from alliance.members.operations import merging
        from registry.attachments import holders
        from registry.imports import import_tables

        for table in (MEMBERSHIPS, *COUNCIL_TABLES):
            import_tables.add(table)
        merging.declare()
        holders.declare(holders.Holder(Decision, "document", ("alliance.view_decision",)))
