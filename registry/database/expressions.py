"""The SQL functions of the first migration as ORM expressions, and common database constraints."""

from typing import Any

from django.contrib.postgres.fields import DateRangeField
from django.db import models
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models import Func, Q, Value
from django.db.models.functions import Greatest
from django.db.models.lookups import BuiltinLookup, Lookup
from django.db.models.sql.compiler import SQLCompiler
from django.utils.translation import gettext_lazy as _


@models.CharField.register_lookup
class NotEqual(BuiltinLookup):
    """The value is another one, for columns that are never NULL: `status__ne="merged"`.

    A negated condition would become a subquery where the column is reached through a table with several rows.
    """

    lookup_name = "ne"

    def get_rhs_op(self, connection: BaseDatabaseWrapper, rhs: str) -> str:
        return f"<> {rhs}"


@models.TextField.register_lookup
class HasAnyWord(Lookup):
    """One of the words of the text, which are parted by blanks, is in a list: `sectors__has_any=["18"]`."""

    lookup_name = "has_any"
    prepare_rhs = False

    def as_sql(self, compiler: SQLCompiler, connection: BaseDatabaseWrapper) -> tuple[str, Any]:
        text, parameters = self.process_lhs(compiler, connection)
        return f"string_to_array({text}, ' ') && %s::text[]", [*parameters, list(self.rhs)]


class RegistryNumber(Func):
    """Gives the next registry number: `ZSAI-` and at least six digits, from a sequence, never reused."""

    template = "'ZSAI-' || to_char(nextval('registry_organization_no_seq'), 'FM999999999000000')"
    arity = 0
    output_field = models.CharField()


class FoldedName(Func):
    """Gives the key of equal names:

    NFKC, lower case, one form of brackets, no white space beside Chinese characters.
    """

    function = "registry_fold_name"
    arity = 1
    output_field = models.TextField()


class UsccCheckOk(Func):
    """Gives whether the last character of a USCC is its check character (GB 32100-2015); NULL for NULL."""

    function = "registry_uscc_ok"
    arity = 1
    output_field = models.BooleanField()


class SizeClass(Func):
    """Gives large, medium, small or micro by the 2017 rule, from (industry, employees, revenue, assets);

    NULL if unknown.
    """

    function = "registry_size_class"
    arity = 4
    output_field = models.CharField()


class Period(Func):
    """Gives the half-open daterange of two date columns; an open end is NULL."""

    function = "daterange"
    arity = 2
    output_field = DateRangeField()


def in_force(on: object, start: str, end: str) -> Q:
    """Return the condition that the half-open period `[start, end)` holds the day `on`; a missing bound is open."""
    return (Q(**{f"{start}__lte": on}) | Q(**{f"{start}__isnull": True})) & (
        Q(**{f"{end}__gt": on}) | Q(**{f"{end}__isnull": True})
    )


def period_constraint(start: str, end: str, name: str) -> models.CheckConstraint:
    return models.CheckConstraint(
        condition=Q(**{f"{end}__isnull": True})
        | Q(**{f"{start}__isnull": True})
        | Q(**{f"{end}__gt": models.F(start)}),
        name=name,
        violation_error_message=_("The end must be later than the beginning: the period would be empty or reversed."),
    )


class YearsLater(Func):
    """Gives the day a number of years after a day, as people count them: from 29 February to 1 March."""

    output_field = models.DateField()
    arity = 1

    def __init__(self, day: object, years: int = 1, before: int = 0) -> None:
        # By way of the day before: from 1 March of a leap year this would be too early, from 29 February the other one.
        template = f"((%(expressions)s - {before} + interval '{years} years')::date + {before})"
        super().__init__(day, template=template)


def at_most_years(end: str, start: str, years: int, name: str, message: Any) -> models.CheckConstraint:
    """Return the constraint that the half-open period from `start` to `end` lasts at most so many years."""
    latest = [YearsLater(models.F(start), years), YearsLater(models.F(start), years, 1)]
    return models.CheckConstraint(
        condition=Q(**{f"{end}__isnull": True}) | Q(**{f"{end}__lte": Greatest(*latest)}),
        name=name,
        violation_error_message=message,
    )


def not_negative(field: str, name: str) -> models.CheckConstraint:
    return models.CheckConstraint(
        condition=Q(**{f"{field}__isnull": True}) | Q(**{f"{field}__gte": 0}),
        name=name,
        violation_error_message=_("A figure cannot be negative."),
    )


def text_matches(field: str, pattern: str, name: str, message: Any) -> models.CheckConstraint:
    """Return the constraint that the column is NULL or matches the pattern."""
    return models.CheckConstraint(
        condition=Q(**{f"{field}__isnull": True}) | Q(**{f"{field}__regex": pattern}),
        name=name,
        violation_error_message=message,
    )


def folded_key(source: str) -> models.GeneratedField:
    return models.GeneratedField(
        expression=FoldedName(source),
        output_field=models.CharField(max_length=400, db_collation="C"),
        db_persist=True,
        verbose_name=_("matching key"),
    )


EMPTY = Value("")
