"""The common look of all workbooks: colours as #RRGGBB, and formats as XlsxWriter takes them."""

from collections.abc import Mapping
from typing import Any

EDGE = "#C9D3E3"
HEADER_FILL = "#E8EEF7"
BOX: Mapping[str, Any] = {"border": 1, "border_color": EDGE, "valign": "vcenter"}
HEADER: Mapping[str, Any] = {**BOX, "bold": True, "bg_color": HEADER_FILL, "text_wrap": True}
DAY = "yyyy-mm-dd"
"""The number format of days."""
