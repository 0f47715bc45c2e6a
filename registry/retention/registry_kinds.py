"""The kinds of data of the registry whose time of keeping ends."""

import datetime
from functools import partial

from axes.models import AccessAttempt, AccessFailureLog, AccessLog
from django.conf import settings
from django.contrib.sessions.models import Session
from django.utils.translation import gettext_lazy as _

from registry.api.access import idempotency
from registry.disclosure.models import Disclosure, Receipt
from registry.erasure import narrow
from registry.imports.retention import clear as clear_files
from registry.proposals import public
from registry.retention.accounts import close_unused
from registry.retention.kinds import RetentionKind, add
from registry.retention.persons import clear_history
from registry.security.models import SecurityEvent


def kept(name: str) -> int:
    days: int = settings.KEEP_DAYS[name]
    return days


def _files(limit: datetime.datetime) -> int:
    return sum(clear_files())


def _answers(limit: datetime.datetime) -> int:
    return idempotency.forget()


def _numbers(limit: datetime.datetime) -> int:
    return public.forget_numbers()


def _sessions(limit: datetime.datetime) -> int:
    return Session.objects.filter(expire_date__lt=limit).delete()[0]


def _logins(limit: datetime.datetime) -> int:
    tables = (AccessAttempt, AccessFailureLog, AccessLog)
    attempts = sum(table.objects.filter(attempt_time__lt=limit).delete()[0] for table in tables)
    old = SecurityEvent.objects.filter(at__lt=limit)
    return attempts + narrow.delete(SecurityEvent, list(old.values_list("pk", flat=True)))


def _receipts(limit: datetime.datetime) -> int:
    looks = narrow.delete(Disclosure, list(Disclosure.objects.filter(at__lt=limit).values_list("pk", flat=True)))
    used = Disclosure.objects.filter(receipt__isnull=False).values("receipt")
    old = Receipt.objects.filter(started_at__lt=limit).exclude(pk__in=used)
    return looks + narrow.delete(Receipt, list(old.values_list("pk", flat=True)))


def declare() -> None:
    _declare_passing()
    _declare_records()
    _declare_persons()


def _declare_passing() -> None:
    """Declare what serves one moment: files to import, answers, telephone numbers and log-ins."""
    add(
        RetentionKind(
            "import-files",
            _("Uploaded files of imports, and imports that were never applied"),
            lambda: settings.IMPORT_KEEP_DAYS,
            _("They may hold personal data, and serve corrections alone (PIPL, article 19: the shortest time needed)"),
            _files,
            "REGISTRY_IMPORT_KEEP_DAYS",
        ),
        RetentionKind(
            "kept-answers",
            _("Answers of the API kept for requests that are sent again"),
            lambda: 1,
            _("A request is sent again within minutes (PIPL, article 19)"),
            _answers,
        ),
        RetentionKind(
            "answer-numbers",
            _("Telephone numbers that visitors left for an answer"),
            lambda: public.ANSWER_DAYS,
            _("The form says 30 days (PIPL, article 17)"),
            _numbers,
        ),
        RetentionKind(
            "sessions", _("Log-ins that have expired"), lambda: 1, _("They serve nothing any more"), _sessions
        ),
    )


def _declare_records() -> None:
    """Declare the records of what was done, which a law asks to be kept for some time."""
    add(
        RetentionKind(
            "logins",
            _("Security events, and the counts of failed log-ins, with address and browser"),
            partial(kept, "logins"),
            _("Cybersecurity Law, article 21 III: at least six months"),
            _logins,
            "REGISTRY_LOG_KEEP_DAYS",
        ),
        RetentionKind(
            "receipts",
            _("Looks at personal data, and receipts of exported files"),
            partial(kept, "receipts"),
            _("PIPL, article 56: records of processing, at least three years"),
            _receipts,
            "REGISTRY_RECEIPT_KEEP_DAYS",
        ),
    )


def _declare_persons() -> None:
    """Declare what is kept of persons as long as they may be asked about or log in."""
    add(
        RetentionKind(
            "person-history",
            _("History of persons who are not entered any more: the events stay, names and numbers go"),
            partial(kept, "person_history"),
            _("As long as somebody may ask who was reached (PIPL, article 19)"),
            clear_history,
            "REGISTRY_PERSON_HISTORY_DAYS",
        ),
        RetentionKind(
            "unused-accounts",
            _("Accounts that are not used: closed, not deleted"),
            partial(kept, "unused_accounts"),
            _("Cybersecurity Law, article 21: nobody gets in by an account that is no longer needed"),
            close_unused,
            "REGISTRY_ACCOUNT_UNUSED_DAYS",
        ),
    )
