"""Describes the roles in words, and names those that no account may have together."""

from collections.abc import Collection

from django.core.exceptions import ValidationError
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from registry.values.punctuation import listed

ADMINISTRATOR, AUDITOR, TOWNSHIP_REGISTRAR, VIEWER = "系统管理员", "审计员", "镇街填报员", "查询员"
_ROLES: dict[str, tuple[str | Promise, str | Promise]] = {
    VIEWER: (
        gettext_lazy("Viewer"),
        gettext_lazy("Sees and exports organizations, alliances and members. Sees no contacts and no figures."),
    ),
    "录入员": (
        gettext_lazy("Registrar"),
        gettext_lazy("Enters, imports and changes organizations, contacts and annual figures. Does not publish."),
    ),
    TOWNSHIP_REGISTRAR: (
        gettext_lazy("Township registrar"),
        gettext_lazy("As the registrar, but only for organizations of the account's townships; sees the others."),
    ),
    "审核员": (
        gettext_lazy("Reviewer"),
        gettext_lazy(
            "As the registrar; publishes organizations and merges double records. Sees contacts and annual figures."
        ),
    ),
    "秘书处": (
        gettext_lazy("Secretariat"),
        gettext_lazy("Admits members, changes tiers, ends memberships; sees representatives and internal rosters."),
    ),
    "秘书长": (
        gettext_lazy("Secretary-general"),
        gettext_lazy("As the secretariat; records what meetings decide, and sets the rules by which they do."),
    ),
    "审计员": (
        gettext_lazy("Auditor"),
        gettext_lazy(
            "Reads everything, figures, log-ins and logs included; telephone numbers masked. Changes nothing."
        ),
    ),
    "系统管理员": (
        gettext_lazy("Administrator"),
        gettext_lazy("Looks after accounts, alliances and reference data. Sees no contacts and no figures."),
    ),
}
"""Name of a role of the fixture -> its label, and what it may see and do, in the reader's language."""


def role_label(name: str) -> str:
    return str(_ROLES[name][0]) if name in _ROLES else name


def role_labels(names: Collection[str]) -> str:
    return listed(map(role_label, names))


def role_description(name: str) -> str:
    return str(_ROLES[name][1]) if name in _ROLES else ""


def must_stay_apart(names: Collection[str]) -> None:
    """Raise ValidationError if one account would both manage accounts and audit their managers, or be limited to
    townships by one role and not by another.
    """
    if {ADMINISTRATOR, AUDITOR} <= set(names):
        raise ValidationError(
            _(
                "An account is never administrator and auditor at once: nobody checks their own work. "
                "Give one of the two roles to another person."
            ),
            code="apart",
        )
    if TOWNSHIP_REGISTRAR in names and not set(names) <= {TOWNSHIP_REGISTRAR, VIEWER}:
        raise ValidationError(
            _(
                "A township registrar has no other role but the viewer's: those roles are for the whole city. "
                "Give them to another account."
            ),
            code="apart",
        )
