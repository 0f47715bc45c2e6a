"""The page on which a person is found, what goes is shown, and they are erased.

Every step is sent by POST: a name in an address would get into logs. Nothing is kept between the steps; each one works
out again what the one before has shown.
"""

from typing import Any

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.cache import add_never_cache_headers
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext, pgettext_lazy

from registry.disclosure.log import by_whom
from registry.erasure import listed, storage, wording
from registry.erasure.erasing import erase, label_counts, refusals
from registry.erasure.finding import disk
from registry.erasure.finding.persons import Person, chosen, find
from registry.erasure.finding.search import without_limit
from registry.erasure.finding.traces import Traces
from registry.erasure.models import ERASE, Erasure, Ground
from registry.erasure.plan import ErasurePlan, plan
from registry.erasure.processing import register, said
from registry.retention.kinds import everything, period
from registry.values.punctuation import clauses

MOST = 200
"""How many persons or texts are shown; more are found by a name that many have."""
GROUNDS = [(ground.value, ground.label) for ground in Ground if ground != Ground.RESTORED]


class SearchForm(forms.Form):
    name = forms.CharField(label=pgettext_lazy("person", "name"), max_length=100, required=False)
    number = forms.CharField(label=gettext_lazy("Telephone or e-mail"), max_length=254, required=False)

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = self.cleaned_data
        if not self.errors:
            cleaned["traces"] = Traces.of([cleaned["name"]], [cleaned["number"]])
            if not cleaned["traces"]:
                raise ValidationError(_("Give a name of at least two characters, or a whole number."))
        return cleaned

    @property
    def typed(self) -> str:
        """Return what has to be typed again before the erasure."""
        return self.cleaned_data["name"] or self.cleaned_data["number"]


def view(model_admin: Any, request: HttpRequest) -> HttpResponse:
    if not request.user.has_perm(ERASE):
        raise PermissionDenied(_("Your account may not erase persons."))
    form = SearchForm(request.POST if request.method == "POST" else None)
    context = {
        **model_admin.admin_site.each_context(request),
        "title": _("Erase a person"),
        "opts": model_admin.opts,
        "form": form,
        "grounds": GROUNDS,
    }
    status = 200
    if request.method == "POST":
        if form.is_valid():
            answer = _step(request, form, context)
            if answer is not None:
                return answer
        status = 400 if form.errors or context.get("wrong") else 200
    response = TemplateResponse(request, "admin/erasure/erase.html", context, status=status)
    add_never_cache_headers(response)
    return response


def _step(request: HttpRequest, form: SearchForm, context: dict[str, Any]) -> HttpResponse | None:
    """Fill the context for the next step; return an answer once the person is erased."""
    with without_limit():
        persons = find(form.cleaned_data["traces"])
    context["persons"] = [_row(person) for person in persons[:MOST]]
    context["more"] = max(0, len(persons) - MOST)
    picked = chosen(request.POST.getlist("person"), persons)
    context["picked"] = {person.key for person in picked}
    step = request.POST.get("step", "find")
    if step == "find":
        return None
    if not picked:
        context["wrong"] = [_("Choose who is meant.")]
        return None
    if told := refusals(picked, request.user):
        context["wrong"] = told
        return None
    with without_limit():
        found = plan(picked)
    also = {key for key in request.POST.getlist("also") if key in {hit.key for hit in found.uncertain}}
    context |= {"also": also, "ground": request.POST.get("ground", ""), **shown(found, picked)}
    if step != "erase":
        return None
    if wrong := _unconfirmed(request, form, found):
        context["wrong"] = wrong
        return None
    return _erased(request, found, also)


def _row(person: Person) -> dict[str, Any]:
    return {
        "person": person,
        "state": wording.state_of(person),
        "found_by": wording.found_by(person),
        "entries": len(person.events),
    }


def shown(found: ErasurePlan, picked: list[Person]) -> dict[str, Any]:
    """Return what the preview shows."""
    return {
        "plan": found,
        "rows": [_row(person) for person in picked],
        "tables": found.tables(),
        "losses": wording.losses(found),
        "uncertain": [(hit.key, wording.uncertain_label(hit)) for hit in found.uncertain[:MOST]],
        "more_uncertain": max(0, len(found.uncertain) - MOST),
    }


def _unconfirmed(request: HttpRequest, form: SearchForm, found: ErasurePlan) -> list[str]:
    wrong = []
    if request.POST.get("seen") != found.digest:
        wrong.append(
            _("Nothing was erased: what is found has changed since the page was shown. This is how it is now.")
        )
    if request.POST.get("ground") not in dict(GROUNDS):
        wrong.append(_("Choose the ground."))
    if request.POST.get("typed", "").strip() != form.typed:
        wrong.append(_("Type the name or number exactly as above. Nothing was erased."))
    return wrong


def _erased(request: HttpRequest, found: ErasurePlan, also: set[str]) -> HttpResponse:
    try:
        record = erase(found, chosen=also, ground=request.POST["ground"], who=by_whom(request))
    except ValidationError as error:
        messages.error(request, " ".join(error.messages))
        return HttpResponseRedirect(reverse("admin:registry_erasure_erase"))
    counts = clauses(f"{label} {count}" for label, count in label_counts(record))
    messages.success(request, _("Erased, without a trace of who it was: %(counts)s") % {"counts": counts})
    for told in [*disk.blacken_logs(found.traces), *storage.rewrite(sorted(record.tables))]:
        messages.warning(request, told)
    messages.info(request, _("Copy the list of erasures %s to where the copies of the backups are.") % listed.place())
    if record.left:
        messages.warning(request, left_to_do(record))
    return HttpResponseRedirect(reverse("admin:registry_erasure_changelist"))


def left_to_do(record: Erasure) -> str:
    return ngettext(
        "%(count)d place was left for somebody to look at.",
        "%(count)d places were left for somebody to look at.",
        record.left,
    ) % {"count": record.left}


def processing_view(model_admin: Any, request: HttpRequest) -> HttpResponse:
    """Show the list of personal data: what is kept of whom, what for, and who sees it."""
    if not model_admin.has_view_permission(request):
        raise PermissionDenied
    context = {
        **model_admin.admin_site.each_context(request),
        "title": _("List of personal data"),
        "opts": model_admin.opts,
        "entries": [(entry.table, list(said(entry))) for entry in register()],
        "kinds": [(kind, period(kind.days())) for kind in everything()],
    }
    return TemplateResponse(request, "admin/erasure/processing.html", context)
