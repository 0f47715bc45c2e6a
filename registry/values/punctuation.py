"""Puts words together with the punctuation of the reader's language: Chinese has signs of its own for lists, clauses,
brackets and colons.
"""

from collections.abc import Iterable

from django.utils.functional import lazy
from django.utils.translation import gettext as _
from django.utils.translation import pgettext


def listed(names: Iterable[object]) -> str:
    """Return names as a list within a sentence."""
    return _(", ").join(map(str, names))


def listed_lazily(names: Iterable[object]) -> str:
    """Return the same for a message that is written down in several languages: joined anew in each of them."""
    return _listed_lazily(tuple(names))


_listed_lazily = lazy(listed, str)


def phrases(parts: Iterable[object]) -> str:
    """Return parts of one sentence, each a phrase."""
    return pgettext("phrases", ", ").join(map(str, parts))


def clauses(parts: Iterable[object]) -> str:
    """Return clauses, which may hold lists themselves, as one sentence."""
    return _("; ").join(map(str, parts))


def bracketed(name: object, remark: object) -> str:
    """Return a name with a remark in brackets, or behind a dot if the remark ends with a bracket of its own."""
    if str(remark).endswith((")", "）")):
        return f"{name} · {remark}"
    return _("%(name)s (%(remark)s)") % {"name": name, "remark": remark}


def labelled(name: object, value: object) -> str:
    """Return a value behind its name."""
    return _("%(name)s: %(value)s") % {"name": name, "value": value}


labelled_lazily = lazy(labelled, str)
"""The same for a message that is written down in several languages."""


def quoted(kind: object, name: object) -> str:
    """Return the name of a row, in quotation marks, behind its kind."""
    return _("%(kind)s “%(name)s”") % {"kind": kind, "name": name}
