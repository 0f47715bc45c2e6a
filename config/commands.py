"""Runs `manage.py` in the language of the terminal; an error from outside the program is reported in one line."""

import os
import signal
import sys
from typing import NoReturn

import psycopg
from django.apps import apps
from django.core.exceptions import ImproperlyConfigured
from django.core.management import ManagementUtility
from django.core.management.base import BaseCommand
from django.db import OperationalError, ProgrammingError
from django.utils import translation
from django.utils.translation import gettext as _

from config import embedded, environment, health

USAGE = 2


class Utility(ManagementUtility):
    def fetch_command(self, subcommand: str) -> BaseCommand:
        if apps.ready:  # runserver goes on without, to tell of broken sources
            translation.activate(environment.language())
        return super().fetch_command(subcommand)


def execute(arguments: list[str]) -> None:
    try:
        Utility(arguments).execute()
        sys.stdout.flush()
    except ImproperlyConfigured as error:
        _end(str(error), USAGE)
    except KeyboardInterrupt:
        message = "Interrupted: what was not finished has not been written."
        if apps.ready:
            message = _("Interrupted: what was not finished has not been written.")
        if sys.stderr.isatty():
            sys.stderr.write("\n")  # the terminal has shown ^C, perhaps in the line of a progress bar
        _end(message, 128 + signal.SIGINT)
    except BrokenPipeError:
        # Whoever read the output has gone, as `head` does. Python would complain once more at the exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(128 + signal.SIGPIPE)
    except (OperationalError, psycopg.OperationalError, embedded.EmbeddedError) as error:
        if "--traceback" in arguments:
            raise
        message = _("The database cannot be used: %(reason)s") % {"reason": " ".join(str(error).split())}
        if os.environ.get("DATABASE_URL"):
            message = _("%(told)s Check the server and DATABASE_URL.") % {"told": message}
        _end(message, USAGE)
    except ProgrammingError:
        if "--traceback" in arguments or health.migrated():
            raise
        _end(_("The database lacks tables of this version: run migrate first."), USAGE)


def _end(message: str, code: int) -> NoReturn:
    print(message, file=sys.stderr)
    sys.exit(code)
