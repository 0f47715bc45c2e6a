from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class AllianceConfig(AppConfig):
    name = "alliance"
    verbose_name = _("Alliances")
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from alliance.applications import holding
        from alliance.applications.imports.table import APPLICATIONS
        from alliance.certificates.imports.tables import CERTIFICATES
        from alliance.council import retention as council_retention
        from alliance.council.imports.office_holders import OfficeHolderImport
        from alliance.council.imports.tables import COUNCIL_TABLES
        from alliance.dues import drawing_up
        from alliance.dues.imports.tables import PAYMENTS
        from alliance.meetings.models import Decision
        from alliance.members import retention as members_retention
        from alliance.members.columns import MEMBERSHIP_COLUMNS
        from alliance.members.imports.table import MEMBERSHIPS
        from alliance.members.operations import merging
        from alliance.papers.columns import INTERNAL_ROSTER_COLUMNS
        from alliance.workplace import ways
        from registry.attachments import holders
        from registry.erasure import processing
        from registry.history.rendering import OPERATIONS
        from registry.imports import import_tables

        for table in (MEMBERSHIPS, APPLICATIONS, CERTIFICATES, *COUNCIL_TABLES, PAYMENTS):
            import_tables.add(table)
        merging.declare()
        holding.declare_all()
        OPERATIONS.update(holding.OPERATIONS | drawing_up.OPERATIONS)
        ways.declare()
        members_retention.declare()
        council_retention.declare()
        processing.add_columns(lambda: [*MEMBERSHIP_COLUMNS, *INTERNAL_ROSTER_COLUMNS, *OfficeHolderImport.shown])
        holders.declare(holders.Holder(Decision, "document", ("alliance.view_decision",)))
