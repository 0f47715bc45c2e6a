from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class AllianceConfig(AppConfig):
    name = "alliance"
    verbose_name = _("Alliances")
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Let each package declare to the registry what the registry has to know of it."""
        from alliance.applications import declarations as applications
        from alliance.certificates import declarations as certificates
        from alliance.council import declarations as council
        from alliance.dues import declarations as dues
        from alliance.meetings import declarations as meetings
        from alliance.members import declarations as members
        from alliance.papers import declarations as papers
        from alliance.workplace import ways

        # Files to import and columns with persons are listed in this order.
        for package in (members, papers, applications, certificates, council, dues, meetings, ways):
            package.declare()
