"""Holds back rows with a mobile number or an e-mail address in a text that everybody may read, unless it is to be kept.

Works on the staging table `import_row`, before the rows are matched.
"""

from collections.abc import Iterator
from itertools import groupby

from django.db import models
from django.utils.translation import gettext_lazy as _

from registry.imports.options import ContactsInText
from registry.imports.pipeline.columns import stored_field
from registry.imports.pipeline.engine import Import
from registry.imports.pipeline.report import Message
from registry.organizations.models.organizations import Organization
from registry.spreadsheet import shorten
from registry.values.contacts import find_contact
from registry.values.punctuation import listed_lazily

_QUESTION = _(
    "“%(found)s” looks like a mobile number or an e-mail address, and everybody may read this column. Move it into the "
    "column for telephone or e-mail; where it is meant to be read by all, choose so on the page of the import (by "
    "command: --contacts-in-text keep)."
)


def hold_contacts_in_text(run: Import, model: type[models.Model]) -> None:
    """Hold back rows with contact data in a public text, unless the import keeps such texts.

    Refused rows stay refused.
    """
    found = [(n, name, text, contact) for n, name, text in _texts(run) if (contact := find_contact(text))]
    if not found:
        return
    known = _known(model, found)
    found = [one for one in found if one[1:3] not in known]
    run.contacts_in_text = len({n for n, *_rest in found})
    if run.choices.contacts_in_text == ContactsInText.KEEP:
        return
    for n, cells in groupby(found, key=lambda one: one[0]):
        if n not in run.bad:
            _n, names, texts, contacts = zip(*cells, strict=True)
            # A list of English names has them in its column of names.
            labels = (*names, "name_zh") if "name_en" in names else names
            message = Message(_QUESTION, {"found": listed_lazily(dict.fromkeys(contacts))})
            run.hold(n, [], message, labels, shorten(texts[0]))


def _texts(run: Import) -> Iterator[tuple[int, str, str]]:
    """Yield row number, column and text of the rows that may have contact data in a text."""
    names = run.texts
    query = f"SELECT n, {', '.join(names)} FROM import_row WHERE n = ANY (%s) ORDER BY n"
    for n, *row in run.query(query, [run.suspicious]):
        for name, text in zip(names, row, strict=True):
            if text:
                yield n, name, text


def _known(model: type[models.Model], found: list[tuple[int, str, str, str]]) -> set[tuple[str, str]]:
    """Return the pairs of column and text that the registry holds already: somebody has accepted them before."""
    known = set()
    for name in {name for _n, name, *_rest in found}:
        about = model if stored_field(model, name) else Organization
        if stored_field(about, name):
            texts = {text for _n, column, text, _contact in found if column == name}
            stored = about._default_manager.filter(**{f"{name}__in": texts}).values_list(name, flat=True)
            known |= {(name, text) for text in stored}
    return known
