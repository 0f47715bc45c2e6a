"""The page on which the rules of an alliance are read and set."""

from typing import Any

from django import forms
from django.contrib import admin
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.template.loader import render_to_string
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from alliance.meetings.rules import rules_of, voting_rule
from alliance.meetings.wording import majority_in_words, quorum_in_words, read_share, share_in_words
from alliance.members.operations.operating import told_as
from alliance.models import Alliance, AllianceRules, Body, VotingRule
from registry.database.db_errors import integrity_errors_as_conflicts
from registry.site.undo_offer import success

CHANGE = (
    *("alliance.add_alliancerules", "alliance.change_alliancerules"),
    *("alliance.add_votingrule", "alliance.change_votingrule"),
)
DECIDING = ("admission_body", "tier_change_body", "expulsion_body")
VIEW = ("alliance.view_alliance", "alliance.view_alliancerules", "alliance.view_votingrule")


class RulesForm(forms.ModelForm):
    class Meta:
        model = AllianceRules
        fields = (
            *DECIDING,
            "two_persons",
            "direct_entry",
            "delegates",
            "unpaid_years",
            "absence_counts",
        )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **{"label_suffix": "", **kwargs})
        for name in DECIDING:
            self.fields[name].choices = [("", _("no body: a second person")), *Body.choices]  # type: ignore[attr-defined]
        self.fields["delegates"].help_text = _(
            "A representative stands for its one member: each member that is called has one vote. Several delegates of "
            "a member, or one of several members, are not kept; where minutes count them, type their numbers."
        )


class ShareField(forms.CharField):
    """A share as people write it: 2/3. Empty for none."""

    widget = forms.TextInput(attrs={"class": "vTextField share", "inputmode": "text", "placeholder": "2/3"})

    def clean(self, value: Any) -> Any:
        return read_share(super().clean(value))


class VotingRuleForm(forms.Form):
    quorum = ShareField(label=gettext_lazy("Present at least, of those called"), required=False, max_length=20)
    majority = ShareField(label=gettext_lazy("For it, of those present"), required=False, max_length=20)
    exceeded = forms.BooleanField(label=gettext_lazy("more than this share"), required=False)

    def __init__(self, data: Any, rule: VotingRule) -> None:
        self.rule = rule
        initial = {
            "quorum": share_in_words(rule.quorum_numerator, rule.quorum_denominator),
            "majority": share_in_words(rule.majority_numerator, rule.majority_denominator),
            "exceeded": rule.majority_exceeded,
        }
        super().__init__(data, prefix=rule.body, initial=initial, label_suffix="")

    def store(self) -> None:
        """Save the rule, if it is new or has changed."""
        rule, values = self.rule, self.cleaned_data
        before = rule.shares()
        rule.quorum_numerator, rule.quorum_denominator = values["quorum"]
        rule.majority_numerator, rule.majority_denominator = values["majority"]
        rule.majority_exceeded = values["exceeded"] and values["majority"] != (None, None)
        if rule.pk is None or rule.shares() != before:
            rule.full_clean()
            rule.save()


def rules_panel(request: HttpRequest, alliance: Alliance) -> SafeString:
    """Return the rules of the alliance in words."""
    rules = rules_of(alliance)
    voting = [voting_rule(alliance, body) for body in Body]
    context = {
        "alliance": alliance,
        "rules": rules,
        "stored": rules.pk is not None,
        "voting": [(rule.get_body_display(), quorum_in_words(rule), majority_in_words(rule)) for rule in voting],
        "bodies": [
            (field.verbose_name, getattr(rules, f"get_{field.name}_display")())
            for field in AllianceRules._meta.fields
            if field.name in DECIDING
        ],
    }
    return render_to_string("admin/alliance/meetings/rules_panel.html", context, request)


def rules_view(request: HttpRequest, pk: int) -> HttpResponse:
    """Set the rules. Decisions taken keep the rule by which they were taken."""
    if not request.user.has_perms(VIEW if request.method != "POST" else (*VIEW, *CHANGE)):
        raise PermissionDenied
    alliance = get_object_or_404(Alliance, pk=pk)
    data = request.POST if request.method == "POST" else None
    form = RulesForm(data, instance=rules_of(alliance))
    voting = [VotingRuleForm(data, voting_rule(alliance, body)) for body in Body]
    if data is not None and all([form.is_valid(), *(one.is_valid() for one in voting)]):
        try:
            with integrity_errors_as_conflicts(), transaction.atomic(), told_as("set_rules", request.user):
                form.save()
                for one in voting:
                    one.store()
        except ValidationError as refused:
            form.add_error(None, refused.messages)
        else:
            success(request, _("The rules of %(alliance)s are set.") % {"alliance": alliance})
            return HttpResponseRedirect(reverse("admin:alliance_alliance_change", args=[pk]))
    context = {
        **admin.site.each_context(request),
        "title": _("Rules of decisions"),
        "subtitle": alliance,
        "opts": Alliance._meta,
        "media": form.media,
        "form": form,
        "voting": voting,
        "alliance": alliance,
        "stored": form.instance.pk is not None,
        "may": request.user.has_perms(CHANGE),
    }
    return TemplateResponse(request, "admin/alliance/meetings/rules.html", context)


def rules_urls() -> list[Any]:
    return [path("<int:pk>/rules/", admin.site.admin_view(rules_view), name="alliance_alliance_rules")]
