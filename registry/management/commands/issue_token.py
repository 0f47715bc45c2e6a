from argparse import ArgumentParser
from typing import Any

import pghistory
from django.contrib.auth import get_user_model
from django.core.management.base import BaseCommand, CommandError
from django.utils.translation import gettext as _

from registry.api.access.tokens import ApiToken

LONGEST = 3660


class Command(BaseCommand):
    help = "Issues a token for a program and prints its key, alone on standard output and only this once."
    requires_migrations_checks = True

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("username", help="the account; the program can do what it may do")
        parser.add_argument("--scope", choices=ApiToken.Scope.values, default=ApiToken.Scope.READ)
        parser.add_argument("--days", type=int, default=90, help="how long it is valid, from 1; default 90")
        parser.add_argument("--label", default="", help="the program that uses it")

    def handle(self, *args: Any, username: str, scope: str, days: int, label: str, **options: Any) -> None:
        if not 1 <= days <= LONGEST:
            raise CommandError(_("--days must be between 1 and %(most)d.") % {"most": LONGEST}, returncode=2)
        user = get_user_model().objects.filter(username=username).first()
        if user is None:
            raise CommandError(_("There is no account %(name)s.") % {"name": username}, returncode=2)
        if not user.is_active:
            raise CommandError(_("The account %(name)s is closed.") % {"name": username}, returncode=2)
        with pghistory.context(command="issue_token"):
            _token, key = ApiToken.objects.issue(user, scope, days, label[:100], with_factor=True)
        self.stdout.write(key)
