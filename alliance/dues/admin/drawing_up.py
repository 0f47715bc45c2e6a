"""The page on which the dues of a year are drawn up, and the one that takes them back."""

import re
from typing import Any

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from alliance.dues import drawing_up
from alliance.dues.drawing_up import DrawnUp, DrawUpRequest, Who
from alliance.dues.models import Due
from alliance.models import Alliance
from registry.database.db_errors import Conflict
from registry.organizations.models.reach import reach_of
from registry.site.fields import DayField
from registry.spreadsheet import yuan_text
from registry.values.punctuation import listed

from .shown import DRAW_UP, registered

TITLE, UNDO = gettext_lazy("Draw up dues"), gettext_lazy("Take back the dues of a year")
_CLASS_OF = re.compile(r"class-(\d{1,18})")


class DrawUpForm(forms.Form):
    alliance = forms.ModelChoiceField(Alliance.objects.none(), label=gettext_lazy("Alliance"), empty_label=None)
    year = forms.IntegerField(label=gettext_lazy("Dues of the year"), min_value=1990, max_value=2200)
    who = forms.ChoiceField(label=gettext_lazy("For whom"), choices=Who, widget=forms.RadioSelect)
    on = DayField(
        label=gettext_lazy("Members and tiers of this day"),
        help_text=gettext_lazy("A day of that year. The standard that applies on it is taken."),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **{"label_suffix": "", **kwargs})
        alliance: Any = self.fields["alliance"]
        alliance.queryset = registered()

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or {}
        on, year = cleaned.get("on"), cleaned.get("year")
        if on and year and on.year != year:
            raise ValidationError({"on": _("This day is not in the year %(year)d.") % {"year": year}})
        return cleaned


class UndoForm(forms.Form):
    alliance = forms.ModelChoiceField(Alliance.objects.none(), label=gettext_lazy("Alliance"), empty_label=None)
    year = forms.IntegerField(label=gettext_lazy("Dues of the year"), min_value=1990, max_value=2200)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **{"label_suffix": "", **kwargs})
        alliance: Any = self.fields["alliance"]
        alliance.queryset = registered()


class DrawingUpPages:
    """Adds the two pages to the list of dues."""

    def draw_up_view(self, request: HttpRequest) -> HttpResponse:
        _require(request)
        today = timezone.localdate()
        initial = {"year": today.year, "on": today, "who": Who.DAY, "alliance": registered().first()}
        form = DrawUpForm(request.POST if request.method == "POST" else None, initial=initial)
        found: DrawnUp | None = None
        step = request.POST.get("step", "")
        if form.is_bound and form.is_valid():
            asked = DrawUpRequest(**form.cleaned_data, chosen=_chosen(request))
            try:
                seal = request.POST.get("seal", "") if step == "apply" else None
                found = drawing_up.draw_up(asked, request.user, seal=seal)
            except Conflict as conflict:
                form.add_error(None, ValidationError(conflict.messages))
                found = drawing_up.draw_up(asked, request.user)
            except ValidationError as error:
                form.add_error(None, error)
        if found and found.done:
            return self._done(request, form.cleaned_data, found)
        context: dict[str, Any] = {"form": form, "found": found, "total": yuan_text(found.total) if found else ""}
        if found:
            context |= {"lines": [_line(one) for one in found.lines], "without": [_line(one) for one in found.without]}
        return self._page(request, TITLE, "admin/alliance/dues/draw_up.html", context)

    def _done(self, request: HttpRequest, values: dict[str, Any], found: DrawnUp) -> HttpResponse:
        told = ngettext(
            "Dues of %(year)d are drawn up for %(count)d member: %(total)s yuan.",
            "Dues of %(year)d are drawn up for %(count)d members: %(total)s yuan.",
            len(found.lines),
        )
        said = {"year": values["year"], "count": len(found.lines), "total": yuan_text(found.total)}
        admin: Any = self
        admin.message_user(request, told % said, messages.SUCCESS)
        if found.without:
            names = listed(str(line.member.organization) for line in found.without)
            admin.message_user(
                request, _("Without a class, and so without dues: %(names)s") % {"names": names}, messages.WARNING
            )
        query = f"?alliance={values['alliance'].slug}&year={values['year']}"
        return HttpResponseRedirect(reverse("admin:alliance_due_changelist") + query)

    def undo_view(self, request: HttpRequest) -> HttpResponse:
        _require(request)
        initial = {"alliance": registered().first(), "year": timezone.localdate().year}
        form = UndoForm(request.POST if request.method == "POST" else None, initial=initial)
        removed = None
        if form.is_bound and form.is_valid():
            alliance, year = form.cleaned_data["alliance"], form.cleaned_data["year"]
            trial = request.POST.get("step") != "apply"
            removed = drawing_up.undo(alliance, year, request.user, trial=trial)
            if not trial and removed.gone:
                told = ngettext(
                    "The dues of %(year)d of %(count)d member are taken back.",
                    "The dues of %(year)d of %(count)d members are taken back.",
                    len(removed.gone),
                )
                admin: Any = self
                admin.message_user(request, told % {"year": year, "count": len(removed.gone)}, messages.SUCCESS)
                return HttpResponseRedirect(reverse("admin:alliance_due_changelist") + f"?alliance={alliance.slug}")
        return self._page(request, UNDO, "admin/alliance/dues/undo.html", {"form": form, "removed": removed})

    def _page(self, request: HttpRequest, title: Any, template: str, context: dict[str, Any]) -> HttpResponse:
        admin: Any = self
        context = {
            **admin.admin_site.each_context(request),
            "title": title,
            "opts": admin.opts,
            "media": admin.media + context["form"].media,
            "registered": registered().exists(),
            **context,
        }
        return TemplateResponse(request, template, context)


def _require(request: HttpRequest) -> None:
    """Refuse accounts without the right, and township accounts: dues are drawn up for all members."""
    if not request.user.has_perms(DRAW_UP) or reach_of(request.user) is not None:
        raise PermissionDenied


def _chosen(request: HttpRequest) -> dict[int, int]:
    """Return the classes that the form gives to members, by their ids; an unchanged proposal is no choice."""
    found, given = {}, request.POST
    for key, value in given.items():
        match, text = _CLASS_OF.fullmatch(key), str(value)
        if match is None or not (text.isdecimal() and len(text) < 19):
            continue
        if text != given.get(f"was-{match[1]}") or given.get(f"by-{match[1]}") == Due.Basis.CHOSEN:
            found[int(match[1])] = int(text)
    return found


def _line(line: drawing_up.DueLine) -> dict[str, Any]:
    return {
        "member": line.member,
        "tier": line.span.tier,
        "chosen": line.dues_class.pk if line.dues_class else 0,
        "basis": line.basis,
        "amount": yuan_text(line.amount),
        "why": line.why,
    }
