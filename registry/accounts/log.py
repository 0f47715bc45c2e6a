"""The log of accounts and roles, in Django's table for it: who did what to which account, with the roles by name.

What an entry says is kept as data and worded when it is read, in the reader's language. It holds no secret.
"""

import json
from collections.abc import Collection, Iterable, Iterator, Mapping
from typing import Any

from django.apps import apps
from django.contrib.admin.models import CHANGE, LogEntry
from django.contrib.auth.models import Group, Permission, User
from django.contrib.contenttypes.models import ContentType
from django.db.models import Model
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from registry.accounts.models import AccountRequest
from registry.accounts.roles import role_labels
from registry.reference.cache import references
from registry.second_factor.rules import RULES
from registry.security import events
from registry.security.models import EventKind
from registry.values.people import person_name
from registry.values.punctuation import clauses, listed

ACTIONS = {
    "view": gettext_noop("view"),
    "add": gettext_noop("add"),
    "change": gettext_noop("change"),
    "delete": gettext_noop("delete"),
}
_OTHER_RECORDS = (
    gettext_noop("context"),
    gettext_noop("events"),
    gettext_noop("middleware events"),
    gettext_noop("access failure"),
    gettext_noop("access log"),
    gettext_noop("TOTP device"),
)
"""Names of records of libraries, which have them in English only."""
_STEPS = {
    "created": gettext_noop("New account"),
    "prepared": gettext_noop("Prepared, to be confirmed by somebody else"),
    "confirmed": gettext_noop("Confirmed"),
    "returned": gettext_noop("Returned"),
    "withdrawn": gettext_noop("Withdrawn"),
    "outdated": gettext_noop("Not confirmed: the account was changed meanwhile"),
    "alone": gettext_noop("Both steps by one person: a superuser"),
    "closed": gettext_noop("Account closed"),
    "unused": gettext_noop("Account closed, because it had not been used"),
    "opened": gettext_noop("Account opened again"),
    "to_open": gettext_noop("To be opened again"),
    "to_password": gettext_noop("New password"),
    "link": gettext_noop("One-time link for a new password made"),
    "reset": gettext_noop("Earlier password ended"),
    "password": gettext_noop("Password set by the one-time link"),
    "factor_reset": gettext_noop("Second factor reset"),
    "factor_rule": gettext_noop("Second factor: rule of the role changed"),
    "by_sign_in": gettext_noop("By the groups that the sign-in system names"),
    "superuser": gettext_noop("Made a superuser"),
    "no_superuser": gettext_noop("No superuser any more"),
}
_KINDS = {
    EventKind.ACCOUNT_CLOSED: {"closed", "unused"},
    EventKind.ACCOUNT_OPENED: {"created", "opened"},
    EventKind.FACTOR_RESET: {"factor_reset"},
    EventKind.FACTOR_RULE: {"factor_rule"},
    EventKind.ROLES: {"given", "taken", "superuser", "no_superuser", "towns_given", "towns_taken"},
    EventKind.PERMISSIONS: {"granted", "revoked"},
    EventKind.PASSWORD_RESET: {"link", "reset", "password"},
}
"""Kind of the security event -> the steps and details that make an entry one; the first that fits."""


def township_labels(codes: Collection[str]) -> str:
    known = {row.code: row.label() for row in references().rows["townships"]}
    return listed(known.get(code, code) for code in codes)


def account_name(account: User | None) -> str:
    """Return the user name, and the name of the person if it differs."""
    if account is None:
        return ""
    name, username = person_name(account), account.get_username()
    return username if name == username else f"{username} {name}"


def record(by: Any, of: User | Group, *steps: str, **details: Any) -> None:
    """Add an entry: steps of `_STEPS`, and as details `given`, `taken`, `roles`, the same of townships, `fields`,
    `prepared_by`.
    """
    filled = {name: value for name, value in details.items() if value}
    if not steps and not filled:
        return
    entry = LogEntry.objects.create(
        user_id=by.pk,
        content_type=ContentType.objects.get_for_model(of),
        object_id=str(of.pk),
        object_repr=(account_name(of) if isinstance(of, User) else str(of))[:200],
        action_flag=CHANGE,
        change_message=json.dumps({"steps": steps, **filled}, ensure_ascii=False),
    )
    events.record(_kind(steps, filled), entry.object_repr, by=by, entry=entry)


def _kind(steps: Collection[str], details: Collection[str]) -> EventKind:
    """Return the one event that an entry is: the weightiest of what was done at once."""
    for kind, of_kind in _KINDS.items():
        if of_kind & {*steps, *details}:
            return kind
    return EventKind.ACCOUNT


def message(entry: LogEntry) -> str:
    """Return the entry as a sentence in the active language; entries from before this log have Django's words."""
    try:
        told = json.loads(entry.change_message)
    except ValueError:
        told = None
    return worded(told) if isinstance(told, dict) else entry.get_change_message()


def worded(told: dict[str, Any]) -> str:
    """Return the data of an entry as a sentence in the active language."""
    return clauses(_parts(told))


def _parts(entry: dict[str, Any]) -> Iterator[str]:
    for step in entry.get("steps", ()):
        yield _(_STEPS.get(step, step))
    if person := entry.get("prepared_by"):
        yield _("prepared by %(name)s") % {"name": person}
    for key, text in (
        ("given", _("Roles given: %s")),
        ("taken", _("Roles taken: %s")),
        ("roles", _("Roles to give: %s")),
    ):
        if names := entry.get(key):
            yield text % role_labels(names)
    for key, text in (("granted", _("Permissions given: %s")), ("revoked", _("Permissions taken: %s"))):
        if names := entry.get(key):
            yield text % listed(map(permission_label, names))
    for key, text in (
        ("towns_given", _("Townships given: %s")),
        ("towns_taken", _("Townships taken: %s")),
        ("towns", _("Townships to give: %s")),
    ):
        if codes := entry.get(key):
            yield text % township_labels(codes)
    if reason := entry.get("reason"):
        yield _("Reason: %s") % reason
    if rule := entry.get("rule"):
        yield str(dict(RULES)[rule])
    if names := entry.get("fields"):
        yield _("Changed: %s") % listed(capfirst(_(name)) for name in names)


def asked(request: AccountRequest) -> str:
    """Return in words what the request wants for the account."""
    parts = [_("Roles to give: %s") % role_labels(request.roles)] if request.roles else []
    parts += [_("Townships to give: %s") % township_labels(request.townships)] if request.townships else []
    parts += [_("To be opened again")] if request.reopen else []
    parts += [_("New password")] if request.new_password else []
    return clauses(parts)


def to_be_confirmed(request: AccountRequest | None) -> str:
    what = asked(request) if request else ""
    return _(
        "Prepared for confirmation: %(what)s. It takes effect when somebody who holds these roles, or a superuser, "
        "confirms it under “Accounts and roles to confirm”."
    ) % {"what": what}


def name_of(permission: Permission) -> str:
    return f"{permission.content_type.app_label}.{permission.codename}"


def permission_label(name: str) -> str:
    """Return the label of a permission, given as `app.codename`, in the reader's language."""
    return "｜".join(_records_and_right(name))


def permissions_by_records(names: Iterable[str]) -> list[str]:
    """Return permissions, given as `app.codename`, with those for the same records together."""
    rights: dict[str, list[str]] = {}
    for records, *right in map(_records_and_right, names):
        rights.setdefault(records, []).extend(right)
    return [f"{records}｜{'/'.join(held)}" if held else records for records, held in rights.items()]


def _records_and_right(name: str) -> list[str]:
    """Return of which records a permission is, and what it allows; only its name where it belongs to nothing here."""
    app, _dot, codename = name.partition(".")
    action, _line, of_model = codename.partition("_")
    for model in apps.get_app_config(app).get_models() if app in apps.app_configs else ():
        own = dict(model._meta.permissions)
        if codename in own or (action in ACTIONS and of_model == model._meta.model_name):
            return [record_label(model), action_label(codename, own)]
    return [name]


def label_of(permission: Permission) -> str:
    """Return the label of a permission. Django stores only English names of permissions in the database."""
    model = permission.content_type.model_class()
    return f"{record_label(model) if model else permission.content_type.name}｜{right_of(permission)}"


def right_of(permission: Permission) -> str:
    """Return what a permission allows, without the name of its records."""
    model = permission.content_type.model_class()
    return action_label(permission.codename, dict(model._meta.permissions) if model else {}) or permission.name


def record_label(model: type[Model]) -> str:
    """Return what the records of a model are called, also of apps that have English names only."""
    return capfirst(_(str(model._meta.verbose_name)))


def action_label(codename: str, own: Mapping[str, object]) -> str:
    action = ACTIONS.get(codename.partition("_")[0])
    return str(own[codename]) if codename in own else _(action) if action else ""
