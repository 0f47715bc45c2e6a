"""The pages of the site as the box finds them: by a part of the name, its pinyin or the initials of that."""

from collections.abc import Iterator
from typing import cast

from django.contrib import admin
from django.http import HttpRequest
from django.urls import reverse
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from registry.search.text import fold
from registry.site.admin_site import RegistryAdminSite
from registry.values.pinyin import pinyin_keys
from registry.workplace.find.hits import PAGES, FindQuery, Hit, HitGroup, add


def pages(request: HttpRequest) -> dict[str, str]:
    """Return address -> name of all pages that the account has in its menu and among its tasks."""
    site = cast(RegistryAdminSite, admin.site)
    found = {reverse("admin:changes"): _("All changes"), **{one.url: str(one.label) for one in site.tasks(request)}}
    for group in site.get_app_list(request):
        for model in group["models"]:
            if model["admin_url"]:
                found.setdefault(model["admin_url"], capfirst(str(model["name"])))
    return {url: name for url, name in found.items() if name}


def _keys(names: list[str]) -> Iterator[tuple[str, ...]]:
    """Yield for each name what it is found by: itself, its pinyin in one word, and the initials."""
    read = pinyin_keys(names)
    for name in names:
        syllables = read[name].split()
        yield fold(name).replace(" ", ""), "".join(syllables), "".join(one[:1] for one in syllables)


def _found(asked: FindQuery) -> HitGroup:
    text = asked.words.whole.replace(" ", "")
    known = pages(asked.request)
    hits, exact = [], False
    for (url, name), (key, spoken, initials) in zip(known.items(), _keys(list(known.values())), strict=True):
        if text and _fits(text, key, spoken, initials):
            hits.append(Hit(name, url))
            exact = exact or key.endswith(text)
    return HitGroup("pages", gettext_lazy("Pages of the site"), hits[: asked.most], first=exact)


def _fits(text: str, key: str, spoken: str, initials: str) -> bool:
    """A letter alone would find nearly all pages by their pinyin."""
    return text in key or (len(text) > 1 and (spoken.startswith(text) or text in initials))


add(_found, PAGES)
