from argparse import ArgumentParser
from typing import Any

from django.contrib.auth import get_user_model
from django.core.management.base import BaseCommand, CommandError
from django.db import transaction
from django.utils.translation import gettext as _

from registry.second_factor.codes import remove
from registry.security.events import record
from registry.security.models import EventKind


class Command(BaseCommand):
    help = "Removes the second factor of an account: for the only administrator, whom no page can help."
    requires_migrations_checks = True

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("username")
        parser.add_argument("--reason", required=True, help="stands in the log of security events")

    def handle(self, *args: Any, username: str, reason: str, **options: Any) -> None:
        user = get_user_model().objects.filter(username=username).first()
        if user is None:
            raise CommandError(_("There is no account %(name)s.") % {"name": username}, returncode=2)
        with transaction.atomic():
            if not remove(user):
                raise CommandError(_("The account has no second factor: there is nothing to reset."))
            record(EventKind.FACTOR_RESET, username, reason=reason)
        self.stdout.write(_("Reset. The next log-in needs the password alone."))
