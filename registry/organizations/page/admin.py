"""The page of an organization that is read first, and the pages of its cards: a mixin of its admin."""

from collections.abc import Iterator
from typing import Any

from django.contrib import messages
from django.contrib.admin.views.main import ChangeList
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseNotAllowed, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django.utils.functional import Promise
from django.utils.timezone import localdate
from django.utils.translation import gettext as _

from registry.disclosure.page import RevealAdmin
from registry.matching.successors import successors_of
from registry.organizations.admin import verification
from registry.organizations.admin.inlines import lacks_sector
from registry.organizations.admin.layout import SECTIONS, without
from registry.organizations.admin.uscc import page_url
from registry.organizations.models.choices import RegistrationStatus
from registry.organizations.models.details import Qualification
from registry.organizations.models.organizations import Organization
from registry.organizations.models.reach import reaches
from registry.organizations.page import beside, entry, past
from registry.organizations.page.cards import CARDS, RecordCard
from registry.organizations.page.facts import capital
from registry.organizations.page.fields import plain, plain_field
from registry.organizations.page.reading import ReadCard, Reading, placed
from registry.organizations.page.reverting import asked_for
from registry.site import history
from registry.site.filters import NO_SECTOR, PUBLISHED_WORDS
from registry.site.forms import VERSION
from registry.values.punctuation import labelled

Badge = tuple[str | Promise, str]
"""A text in the head of the page, and the class of its look."""


GRADINGS = 3
"""The most gradings in the head; their card has all."""
OPEN = ("names", "sectors", "contacts", "registration", "location")
"""The cards of a new record that are open; people open another one if they have something to enter there."""


class ListOfPages(ChangeList):
    """A list whose rows lead to the pages that are read."""

    def url_for_result(self, result: Any) -> str:
        return self.model_admin.record_url(result.pk)  # type: ignore[attr-defined]


class PageAdmin(RevealAdmin):
    """Shows organizations as pages to read, with cards that are edited one by one."""

    def get_changelist(self, request: HttpRequest, **kwargs: Any) -> type[ChangeList]:
        return ListOfPages

    # --- The page

    def get_urls(self) -> list[Any]:
        base = f"registry_{self.opts.model_name}"
        view = self.admin_site.admin_view
        own = [
            path("<int:pk>/", view(self.page_view), name=f"{base}_page"),
            path("enter/", view(lambda request: entry.view(self, request)), name=f"{base}_enter"),
            path("<int:pk>/<slug:name>/edit/", view(self.card_view), name=f"{base}_card"),
        ]
        return [*own, *super().get_urls()]

    def record_url(self, pk: object) -> str:
        return reverse(f"admin:registry_{self.opts.model_name}_page", args=[pk])

    def card_url(self, organization: Organization, card: RecordCard) -> str:
        return reverse(f"admin:registry_{self.opts.model_name}_card", args=[organization.pk, card.name])

    def page_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        if request.method not in ("GET", "HEAD"):
            return HttpResponseNotAllowed(["GET"])
        if not self.has_view_permission(request):
            raise PermissionDenied
        related = ("township", "zone", "successor", "verified_by")
        found = self.get_queryset(request).select_related(*related).filter(pk=pk).first()
        if found is None:
            other = Organization.objects.filter(pk=pk).first()
            if other is None or page_url(other) == request.path:
                raise Http404
            return HttpResponseRedirect(page_url(other))  # its kind has changed
        if past.AS_OF in request.GET:
            return past.view(self, request, found)
        self.take_reveal(request, pk)
        return TemplateResponse(request, "admin/registry/page/page.html", self._page(request, found))

    def _page(self, request: HttpRequest, organization: Organization) -> dict[str, Any]:
        # Before the values are read, so that what changes meanwhile makes the version stale.
        version = history.version(organization, self.parts, request.user)
        reading = Reading(request, self, organization)
        cards = self.cards_of(reading)
        may_change = reading.may_change
        proposals = beside.waiting(reading)
        return {
            **self.admin_site.each_context(request),
            "title": str(organization),
            "subtitle": None,
            "is_nav_sidebar_enabled": False,
            "opts": self.opts,
            "preserved_filters": self.get_preserved_filters(request),
            "organization": organization,
            "badges": [*self._badges(reading), *self.badges(request, organization)],
            "capital": capital(organization),
            "successor": self._successor(organization),
            **placed(cards),
            "names_url": reading.edit_urls.get("names", ""),
            "care": verification.state_of(self, request, organization),
            "version_name": VERSION,
            "version": version,
            "reveal": self.reveal_of(request, organization),
            "within_reach": reaches(request.user, organization),
            "latest": beside.latest(reading),
            "today": localdate().isoformat(),
            "history_url": reverse(f"admin:registry_{self.opts.model_name}_history", args=[organization.pk]),
            "proposals": proposals[: beside.PROPOSALS],
            "more_proposals": len(proposals) > beside.PROPOSALS,
            "form_url": may_change and reverse(f"admin:registry_{self.opts.model_name}_change", args=[organization.pk]),
            "tools": list(self.tools(request, organization)),
        }

    def cards_of(self, reading: Reading) -> list[ReadCard]:
        """Return the cards in the order of the page, with the cards of subclasses before the registration."""
        cards = list(reading.cards())
        place = next((number for number, card in enumerate(cards) if card.name == "registration"), len(cards))
        cards[place:place] = self.more_cards(reading.request, reading.organization)
        return cards

    def _badges(self, reading: Reading) -> Iterator[Badge]:
        organization, today = reading.organization, localdate()
        status = organization.registration_status
        label = organization.get_registration_status_display()
        yield label, "" if status == RegistrationStatus.ACTIVE else "warning"
        if organization.category:
            yield organization.get_category_display(), ""
        held = [one for one in reading.rows.get(Qualification, ()) if not one.valid_to or one.valid_to > today]
        for one in held[:GRADINGS]:
            yield str(one.grading), "grading"
        if len(held) > GRADINGS:
            yield f"+{len(held) - GRADINGS}", "grading"
        yield PUBLISHED_WORDS[organization.published], "" if organization.published else "quiet"
        if lacks_sector(organization):
            yield NO_SECTOR, "lacking"

    def badges(self, request: HttpRequest, organization: Organization) -> Iterator[Badge]:
        """Yield further texts for the head of the page, for subclasses."""
        yield from ()

    def more_cards(self, request: HttpRequest, organization: Organization) -> Iterator[ReadCard]:
        """Yield further cards, for subclasses."""
        yield from ()

    def _successor(self, organization: Organization) -> tuple[str, str] | None:
        if organization.registration_status != RegistrationStatus.MERGED:
            return None
        found = Organization.objects.filter(pk=successors_of({organization.pk}).get(organization.pk)).first()
        return (str(found), page_url(found)) if found else None

    # --- One card

    def card_view(self, request: HttpRequest, pk: int, name: str) -> HttpResponse:
        """Show the form of one card, or save it."""
        card = CARDS.get(name)
        if card is None:
            raise Http404
        if not self.has_view_permission(request):
            raise PermissionDenied
        organization = self.get_queryset(request).filter(pk=pk).first()
        if organization is None:
            raise Http404
        request.card, request.organization = card, organization  # type: ignore[attr-defined]
        if not Reading(request, self, organization).edit_url(card, self.get_inline_instances(request, organization)):
            raise PermissionDenied
        return self.changeform_view(request, str(pk))

    def parts_on(self, request: HttpRequest) -> Any:
        card = _card(request)
        return card.parts if card else super().parts_on(request)

    def get_inlines(self, request: HttpRequest, obj: Organization | None) -> Any:
        card = _card(request)
        inlines = card.inlines if card else super().get_inlines(request, obj)
        return [plain(inline) for inline in inlines] if card or obj is None else inlines

    def own_fieldsets(self, request: HttpRequest, obj: Any) -> Any:
        card, out = _card(request), self.left_out(request, obj)
        if card:
            out |= {*self.get_readonly_fields(request, obj)}  # the page shows them
        sections = card.held if card else SECTIONS.values()
        return [(section.heading, {"fields": tuple(without(section.fields, out))}) for section in sections]

    def formfield_for_foreignkey(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        if _card(request) or getattr(request, "entering", False):
            return plain_field(db_field, getattr(request, "organization", None), **kwargs)
        return super().formfield_for_foreignkey(db_field, request, **kwargs)

    def left_out(self, request: HttpRequest, obj: Organization | None) -> set[str]:
        """Return the fields that the page does not need, or that the account may not see."""
        raise NotImplementedError

    def render_change_form(
        self, request: HttpRequest, context: dict[str, Any], *args: Any, **kwargs: Any
    ) -> HttpResponse:
        response = super().render_change_form(request, context, *args, **kwargs)
        if kwargs.get("add"):
            response.template_name = "admin/registry/page/enter.html"  # type: ignore[attr-defined]
            shown = {"entry_cards": list(_entry_cards(context)), "show_save_and_continue": False}
            response.context_data |= shown  # type: ignore[attr-defined]
        if card := _card(request):
            response.template_name = "admin/registry/page/card.html"  # type: ignore[attr-defined]
            response.context_data |= self._card(request, card, context)  # type: ignore[attr-defined]
        return response

    def _card(self, request: HttpRequest, card: RecordCard, context: dict[str, Any]) -> dict[str, Any]:
        organization, form = context["original"], context["adminform"].form
        formsets = [group.formset for group in context["inline_admin_formsets"]]
        reverting = None if form.is_bound else asked_for(request, organization, card)
        field = reverting.put(form, formsets) if reverting else None
        if "capital_currency" in form.fields and not form.is_bound and organization.registered_capital is None:
            form["capital_currency"].initial = organization.capital_currency or "CNY"
        return {
            "card": card,
            "title": labelled(card.title, organization),
            "back": f"{self.record_url(organization.pk)}#{card.anchor}",
            "reverting": reverting,
            "reverted": field,
        }

    def history_of(self, request: HttpRequest, obj: Any) -> dict[str, Any]:
        """Return all changes, each with the buttons that take back its values, and the address of the past."""
        reading = Reading(request, self, obj)
        list(reading.cards())  # which says what the account may edit
        return {"days": beside.whole(reading), "past_url": self.record_url(obj.pk)}

    # --- Entering

    def enter_url(self) -> str:
        """Return the address at which entering begins."""
        return reverse(f"admin:registry_{self.opts.model_name}_enter")

    def add_view(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        request.entering = True  # type: ignore[attr-defined]
        return super().add_view(request, *args, **kwargs)

    def response_add(
        self, request: HttpRequest, obj: Organization, post_url_continue: str | None = None
    ) -> HttpResponse:
        answer = super().response_add(request, obj, post_url_continue)
        return HttpResponseRedirect(self.enter_url()) if "_addanother" in request.POST else answer

    # --- After saving

    def response_post_save_change(self, request: HttpRequest, obj: Organization) -> HttpResponseRedirect:
        card = _card(request)
        return HttpResponseRedirect(self.record_url(obj.pk) + (f"#{card.anchor}" if card else ""))

    def response_post_save_add(self, request: HttpRequest, obj: Organization) -> HttpResponseRedirect:
        return HttpResponseRedirect(self.record_url(obj.pk))

    def response_change(self, request: HttpRequest, obj: Organization) -> HttpResponse:
        card = _card(request)
        if card is None:
            return super().response_change(request, obj)
        self.message_user(request, _("Saved: %(card)s.") % {"card": card.title}, messages.SUCCESS)
        return self.response_post_save_change(request, obj)


def _card(request: HttpRequest) -> RecordCard | None:
    """Return the card whose form the request is about."""
    return getattr(request, "card", None)


def _entry_cards(context: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """Yield each card with its fields and rows, as the page for a new record shows it."""
    fieldsets = dict(zip(SECTIONS, context["adminform"], strict=True))
    for card in CARDS.values():
        held = [fieldsets[name] for name in card.sections]
        groups = [one for one in context["inline_admin_formsets"] if isinstance(one.opts, card.inlines)]
        if held or groups:
            lines = [line for fieldset in held for line in fieldset]
            wrong = any(line.errors() for line in lines) or any(one.formset.total_error_count() for one in groups)
            yield {"card": card, "fieldsets": held, "groups": groups, "open": card.name in OPEN or wrong}
