"""The filters of a list in words, for files and pictures that are read without their page."""

from django.core.exceptions import ValidationError
from django.utils.formats import date_format
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from registry.api.lists.filters import OnceFilter, StrictFilterSet
from registry.spreadsheet import Vocabulary
from registry.values.punctuation import clauses, labelled, listed

_LABELS = {
    "search": gettext_lazy("search"),
    "founded_after": gettext_lazy("founded from"),
    "founded_before": gettext_lazy("founded before"),
    "verified_before": gettext_lazy("verified before, or never"),
    "updated_since": gettext_lazy("changed since"),
    "complete": gettext_lazy("complete"),
    "published": gettext_lazy("published"),
    "sector_all": gettext_lazy("all of these sectors"),
    "sector_not": gettext_lazy("none of these sectors"),
    "sector_primary": gettext_lazy("primary sector"),
    "member": gettext_lazy("member"),
}
_ELSEWHERE = ("plan", "as_of")
"""Parameters that a picture names in a line of its own."""


def filter_words(filterset: StrictFilterSet) -> str:
    """Return the filters of a valid request, each with its name and its values as people call them."""
    told = []
    for name, texts in filterset.data.lists():
        spec = filterset.filters.get(name)
        given = [part.strip() for text in texts for part in text.split(",") if part.strip()]
        if spec is None or name in _ELSEWHERE or not given:
            continue
        if isinstance(spec, OnceFilter):
            label, values = _LABELS.get(name, name), [_truth(text) for text in given]
        else:
            vocabulary = spec.known(filterset)
            label, values = _LABELS.get(name, vocabulary.noun), [_named(filterset, vocabulary, text) for text in given]
        told.append(labelled(capfirst(str(label)), listed(values)))
    return clauses(told)


class CaptionMixin:
    """Gives every picture of a list the texts about itself."""

    filterset: StrictFilterSet

    def about(self) -> tuple[str, ...]:
        """Return the lines of every picture: plan, day and filters."""
        plan, day = self.filterset.sector_plan, date_format(self.filterset.on, "DATE_FORMAT")
        of_plan = _("%(plan)s · as of %(day)s") if plan else _("as of %(day)s")
        words = filter_words(self.filterset) or _("no filters: all rows")
        return of_plan % {"plan": plan.label() if plan else "", "day": day}, words

    def source(self) -> str:
        return _("Source: %(source)s") % {"source": _("Registry of Zhongshan's AI industry")}


def _named(filterset: StrictFilterSet, vocabulary: Vocabulary[object], text: str) -> str:
    """Return the name to show of the value that the text names."""
    try:
        return str(filterset.label_of(vocabulary, text))
    except ValidationError:
        return text


def _truth(text: str) -> str:
    return {"true": _("Yes"), "false": _("No")}.get(text.lower(), text)
