"""Fields that name other records."""

from collections.abc import Callable, Mapping
from typing import Any

from django.core.exceptions import ValidationError
from django.db.models import Model
from django.utils.translation import gettext as _
from drf_spectacular.drainage import set_override
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from registry.api.json_schema import TEXT, object_schema
from registry.spreadsheet import Vocabulary

_TEXT = {**TEXT, "minLength": 1}
_NAMES = {
    "type": "object",
    "properties": {"code": _TEXT, "name": _TEXT},
    "additionalProperties": False,
    "minProperties": 1,
}
NAMED = {
    "oneOf": [_TEXT, _NAMES],
    "description": "A code, a name in either language or an alias; or an object as answers show it.",
}


def find(vocabulary: Vocabulary[int], given: Any) -> int:
    """The id of what a text names, or an object of code and name, which must then mean the same."""
    texts = [given[key] for key in ("code", "name") if key in given] if isinstance(given, Mapping) else [given]
    known = not isinstance(given, Mapping) or given.keys() <= {"code", "name"}
    if not known or not texts or not all(isinstance(text, str) for text in texts):
        raise ValidationError(_("Give a code or a name."), code="invalid")
    found = {vocabulary.find(text) for text in texts}
    if len(found) > 1:
        raise ValidationError(_("Code and name mean different things."), code="contradiction")
    return found.pop()


@extend_schema_field(NAMED)
class NamedField(serializers.Field):
    """A record of the reference data; the value is its id."""

    def __init__(self, vocabulary: Callable[[], Vocabulary[int]], **options: Any) -> None:
        self.vocabulary = vocabulary
        super().__init__(**options)

    def to_internal_value(self, data: object) -> int:
        return find(self.vocabulary(), data)

    def to_representation(self, value: object) -> object:
        return value


class KeyField(serializers.RelatedField):
    """Another record by its public key: a code, a registry number. An object that holds the key will do as well."""

    def __init__(self, key: str = "code", **options: Any) -> None:
        self.key = key
        told = object_schema(**{key: _TEXT})
        set_override(self, "field", {"oneOf": [_TEXT, told]})
        super().__init__(**options)

    def to_internal_value(self, data: object) -> Model:
        queryset: Any = self.get_queryset()
        given = data.get(self.key) if isinstance(data, Mapping) else data
        found = queryset.filter(**{self.key: given.strip()}).first() if isinstance(given, str) else None
        if found is None:
            said = {"noun": queryset.model._meta.verbose_name, "value": given}
            raise serializers.ValidationError(_("There is no %(noun)s “%(value)s”.") % said, code="does_not_exist")
        return found

    def to_representation(self, value: object) -> str:
        return getattr(value, self.key)
