from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils.translation import gettext as _

from registry.erasure.wording import OF_THE_OWNER
from registry.retention.kinds import everything, period, run


class Command(BaseCommand):
    help = "Tells what has been kept long enough, kind by kind; with --apply it is cleared, as every night."
    requires_migrations_checks = True

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--apply", action="store_true", help="clear it; without this nothing is changed")
        parser.add_argument("--kinds", action="store_true", help="only list the kinds, their periods and the reasons")

    def handle(self, *args: Any, apply: bool, kinds: bool, **options: Any) -> None:
        if kinds:
            for kind in everything():
                said = {
                    "kind": kind.label,
                    "period": period(kind.days()),
                    "reason": kind.reason,
                    "setting": kind.setting,
                }
                self.stdout.write(_("%(kind)s: %(period)s. %(reason)s. %(setting)s") % said)
            return
        refused = False
        for cleared in run(apply=apply):
            refused |= cleared.refused
            told = _("not allowed") if cleared.refused else cleared.count
            said = {"kind": cleared.kind.label, "period": period(cleared.kind.days()), "count": told}
            self.stdout.write(_("%(kind)s (%(period)s): %(count)s") % said)
        if refused:
            raise CommandError(OF_THE_OWNER)
        if not apply:
            self.stdout.write(_("Nothing was changed: --apply clears it."))
