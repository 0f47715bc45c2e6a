"""The description of the API as it is served: made once for each language, because making it takes a second."""

from functools import cache
from typing import Any

from django.utils.translation import get_language
from drf_spectacular.generators import SchemaGenerator


class RememberedDescription(SchemaGenerator):
    """Describes every operation to everybody, so that all who ask in one language are answered alike."""

    def get_schema(self, request: object = None, public: bool = False) -> Any:
        return _description(get_language())


@cache
def _description(language: str | None) -> Any:
    return SchemaGenerator().get_schema(public=True)
