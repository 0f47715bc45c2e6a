"""Pieces of SVG with presentation attributes only: the policy for pages blocks styles, inline ones too."""

from django.utils.html import format_html
from django.utils.safestring import SafeString

FONT = "'Noto Sans SC', 'Microsoft YaHei', 'PingFang SC', sans-serif"
INK, FAINT, LINE = "#1f2937", "#6b7280", "#d1d5db"
WIDE, NARROW = 960, 350
"""The widths of a picture for screens and paper, and for telephones."""


def text(
    x: float, y: float, words: str, size: float, fill: str = INK, weight: str = "", anchor: str = ""
) -> SafeString:
    return format_html(
        '<text x="{}" y="{}" font-size="{}" fill="{}"{}{}>{}</text>',
        x,
        y,
        size,
        fill,
        format_html(' font-weight="{}"', weight) if weight else "",
        format_html(' text-anchor="{}"', anchor) if anchor else "",
        words,
    )


def line(x1: float, y1: float, x2: float, y2: float, stroke: str, dash: str = "") -> SafeString:
    dashed = format_html(' stroke-dasharray="{}"', dash) if dash else ""
    return format_html('<line x1="{}" y1="{}" x2="{}" y2="{}" stroke="{}"{}/>', x1, y1, x2, y2, stroke, dashed)
