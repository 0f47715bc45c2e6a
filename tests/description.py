"""The OpenAPI file, read once: it is long."""

from typing import Any

import yaml
from django.conf import settings

DESCRIPTION: dict[str, Any] = yaml.load(
    (settings.BASE_DIR / "docs/openapi.yaml").read_text(encoding="utf-8"), yaml.CSafeLoader
)
