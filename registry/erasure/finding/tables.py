"""Says which tables and columns are searched for a person, and to which organization a row belongs."""

from collections.abc import Iterator, Mapping
from functools import cache

from axes.models import AccessAttempt, AccessFailureLog
from django.apps import apps
from django.contrib.auth.models import User
from django.contrib.postgres.fields import ArrayField
from django.contrib.sessions.models import Session
from django.db import models
from django.db.models import Model

from registry.api.access.requests import KeptAnswer
from registry.database.personal import personal_tables
from registry.erasure.models import Erasure
from registry.imports.models import ImportFile
from registry.organizations.models.index_tables import OrganizationIndex, SearchIndex, SectorIndex
from registry.organizations.models.organizations import Organization
from registry.security.models import EventKind, SecurityEvent

CONTAINERS = (KeptAnswer, ImportFile, Session)
"""Tables whose rows hold texts in another form: `containers` reads them."""
DERIVED = (OrganizationIndex, SearchIndex, SectorIndex, Erasure)
"""Tables that triggers compute from others, and the record of erasures, which holds no names."""
NAMES_OF_BODIES = frozenset(
    {"name_zh", "name_en", "short_name", "pinyin", "uscc", "registry_no", "member_no", "slug", "code", "aliases"}
    | {"name_key", "username", "key_hash", "sha256", "organization_name", "organization_name_en"}
    | {"alliance_name", "alliance_name_en", "tier_name", "tier_name_en", "member_number"}
)
"""Columns by which records are known. They are searched, and never blackened: somebody looks at them."""
_NAMED_AFTER_BODIES = frozenset(
    {"registry.name", "registry.importrow", "registry.disclosure", "alliance.formername", "auth.group"}
)
"""Tables whose column `name` is the name of an organization."""
_TYPED = (AccessAttempt, AccessFailureLog, SecurityEvent)
"""Logs of failed log-ins, whose user name is what somebody typed. It goes where no account has that name, so that the
lock-out of accounts, which counts by their names, stays; the lock-out of addresses counts by addresses."""
_TEXTS = (models.CharField, models.TextField, models.JSONField, ArrayField)
_OWNERS = ("organization", "member__organization", "proposal__organization")


@cache
def text_fields(model: type[Model]) -> tuple[models.Field, ...]:
    """Return the columns of a table that may hold any text; choices and computed columns cannot."""
    return tuple(
        field
        for field in model._meta.local_concrete_fields
        if isinstance(field, _TEXTS) and not field.choices and not field.generated
    )


def is_fixed(model: type[Model], name: str, row: Mapping[str, object]) -> bool:
    """Return whether the column names a body or an account, or is a key, and so is never blackened."""
    if name == "username" and model in _TYPED and row.get("kind", EventKind.LOGIN_FAILED) == EventKind.LOGIN_FAILED:
        return User.objects.filter(username=row[name]).exists()
    tracked = getattr(model, "pgh_tracked_model", model)
    return name in NAMES_OF_BODIES or (name == "name" and tracked._meta.label_lower in _NAMED_AFTER_BODIES)


def searched() -> Iterator[tuple[type[Model], tuple[models.Field, ...]]]:
    """Yield every table with texts and its columns.

    Names and numbers of persons are left out in the tables that declare them: there, persons are chosen one by one.
    """
    personal: dict[type[Model], set[str]] = {}
    for model, data in personal_tables():
        personal[model] = {*data.names, *data.numbers}
    for model in apps.get_models(include_auto_created=True):
        if model._meta.proxy or not model._meta.managed or model in CONTAINERS or model in DERIVED:
            continue
        tracked = getattr(model, "pgh_tracked_model", model)
        left_out = personal.get(tracked, set())
        if fields := tuple(field for field in text_fields(model) if field.name not in left_out):
            yield model, fields


@cache
def owner_of(model: type[Model]) -> str:
    """Return the look-up to the id of the organization that a row is about, to its number, or an empty text."""
    if model is Organization:
        return "pk"
    names = {field.name for field in model._meta.concrete_fields}
    if getattr(model, "pgh_tracked_model", None) is Organization:
        return "pgh_obj_id"
    if "registry_no" in names:
        return "registry_no"
    return next((f"{path}_id" for path in _OWNERS if path.partition("__")[0] in names), "")


def table_label(model: type[Model]) -> str:
    """Return the name of a table for people; the name of a history table includes the table that it is about."""
    tracked = getattr(model, "pgh_tracked_model", None)
    return str((tracked or model)._meta.verbose_name)
