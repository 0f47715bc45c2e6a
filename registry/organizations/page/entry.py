"""Entering an organization: first its code or name, which says whether it is known and what can be filled in."""

import re
from dataclasses import dataclass, field
from urllib.parse import urlencode

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.translation import gettext as _

from registry.imports.tables.guesses import TownFinder, kind_of_name
from registry.organizations.admin.uscc import about_name, about_uscc
from registry.organizations.models.choices import Kind
from registry.organizations.models.organizations import Organization
from registry.organizations.models.reach import reach_of, reaches_township
from registry.reference.cache import references
from registry.search.text import Word
from registry.site.base import RegistryAdmin
from registry.values.validators import USCC_PATTERN, clean_line, describe_uscc, normalise_uscc

_CODE_RE = re.compile(r"[0-9A-Za-z](?:[\s-]*[0-9A-Za-z]){17}(?![0-9A-Za-z])")
_MODELS = {Kind.ENTERPRISE: "enterprise", Kind.RESEARCH: "institute"}
LONGEST = 400


@dataclass(slots=True)
class RecognisedEntry:
    """The code and the name in a typed text, and what the registry knows of them."""

    code: str = ""
    name: str = ""
    existing: list[dict[str, str]] = field(default_factory=list)
    """Records that it may be: label and address."""
    lines: list[str] = field(default_factory=list)
    wrong: bool = False

    @property
    def kind(self) -> str:
        by_code = describe_uscc(self.code).kind if self.code else ""
        return by_code or (kind_of_name(self.name) if self.name else "")


def begin(text: str) -> RecognisedEntry:
    """Read a code, a name, or both in either order."""
    found = _CODE_RE.search(text)
    code = normalise_uscc(found[0]) if found else ""
    if not re.fullmatch(USCC_PATTERN, code):
        code = ""
    name = clean_line(text.replace(found[0], " ") if found and code else text).strip(" ,，;；、")
    begun = RecognisedEntry(code, "" if normalise_uscc(name) == code else name)
    everybody = Organization.objects.all()
    if code:
        told = about_uscc(code, everybody)
        begun.lines, begun.existing, begun.wrong = told["lines"], told["existing"], told["level"] == "wrong"
    if begun.name and not begun.existing:
        told = about_name(begun.name, code, everybody)
        begun.lines += told["lines"]
        begun.existing += told["existing"]
    return begun


def view(model_admin: RegistryAdmin, request: HttpRequest) -> HttpResponse:
    """Ask for code or name; lead on to the form if nothing like it is known."""
    if not model_admin.has_add_permission(request):
        raise PermissionDenied
    text = request.GET.get("q", "").replace("\0", "").strip()[:LONGEST]
    begun = begin(text) if text else None
    decided = "new" in request.GET
    if begun and (decided or not (begun.existing or begun.wrong)):
        return _onward(model_admin, request, begun)
    base = f"admin:registry_{model_admin.opts.model_name}"
    context = {
        **model_admin.admin_site.each_context(request),
        "title": model_admin.add_label,
        "subtitle": None,
        "opts": model_admin.opts,
        "text": text,
        "begun": begun,
        "form_url": f"{reverse(f'{base}_enter')}?{urlencode({'q': text, 'new': 1})}",
        "blank_url": reverse(f"{base}_add"),
    }
    return TemplateResponse(request, "admin/registry/page/begin.html", context)


def _onward(model_admin: RegistryAdmin, request: HttpRequest, begun: RecognisedEntry) -> HttpResponse:
    values = {"uscc": begun.code, "name_zh" if Word(begun.name).chinese else "name_en": begun.name}
    kind, model = begun.kind, model_admin.opts.model_name
    if model == "organization" and kind:
        model, values["kind"] = _MODELS.get(Kind(kind), model), kind
    town = _town(request, begun.name)
    values["township"] = str(town or "")
    if begun.lines and not begun.existing:
        messages.info(request, " ".join(begun.lines))
    if town:
        label = next(one.label() for one in references().rows["townships"] if one.pk == town)
        messages.info(request, _("Township filled in: %(town)s. Please check it.") % {"town": label})
    query = urlencode({name: value for name, value in values.items() if value})
    return HttpResponseRedirect(f"{reverse(f'admin:registry_{model}_add')}?{query}")


def _town(request: HttpRequest, name: str) -> int | None:
    """Return the town in the name, or the only town that the account works on."""
    found = TownFinder().find(name) if name else None
    reach = reach_of(request.user)
    if reach is None:
        return found
    if found and reaches_township(request.user, found):
        return found
    current = set(reach) - references().townships.ended().keys()
    return current.pop() if len(current) == 1 else None
