"""Answers the requests of the form while a clerk types: the meaning of a USCC, and possible duplicates."""

from typing import Any

from django.core.exceptions import PermissionDenied, ValidationError
from django.http import HttpRequest, JsonResponse
from django.urls import reverse
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from registry.matching.candidates import Asked, possible_duplicates
from registry.matching.identity import same_named, successor_of
from registry.organizations.models.organizations import Organization
from registry.reference.models import UsccCategory
from registry.site.fields import primary_keys
from registry.values.industries import search_industries
from registry.values.people import Account
from registry.values.punctuation import bracketed, labelled
from registry.values.validators import describe_uscc, normalise_uscc, uscc_check_character_ok, validate_uscc_format

MOST_OFFERED = 5


def check_view(request: HttpRequest) -> JsonResponse:
    """Return the hints to show beside the fields.

    The parameters of the GET request are uscc, name_zh, name_en and own (the id of the open record); with industry (a
    part of a code or name), the answer holds the industries to choose from.
    """
    if not request.user.has_perm("registry.view_organization"):
        raise PermissionDenied
    asked = {name: str(value).replace("\0", "") for name, value in request.GET.items()}
    own = asked.get("own", "")
    others = Organization.objects.exclude(pk__in=primary_keys([own]))
    answer: dict[str, Any] = {}
    code = normalise_uscc(asked.get("uscc", "")[:50])
    if code:
        answer["uscc"] = about_uscc(code, others)
    for field in ("name_zh", "name_en"):
        if name := asked.get(field, "").strip()[:300]:
            answer[field] = about_name(name, code, others)
    if "industry" in asked:
        answer["industry"] = [f"{code} {name}" for code, name in search_industries(asked["industry"][:50])]
    return JsonResponse(answer)


def about_uscc(code: str, others: Any) -> dict[str, Any]:
    try:
        validate_uscc_format(code)
    except ValidationError as error:
        return {"value": code, "level": "wrong", "lines": error.messages, "existing": []}
    lines = [describe(code)]
    level = "good"
    if uscc_check_character_ok(code):
        lines.append(_("The check character fits."))
    else:
        level = "wrong"
        lines.append(_("The check character does not fit: compare the code with the licence."))
    existing = _offered(others.filter(uscc=code))
    if existing:
        level = "wrong"
        lines.append(_("This USCC is in the registry already:"))
    return {"value": code, "level": level, "lines": lines, "existing": existing, "kind": describe_uscc(code).kind}


def describe(code: str) -> str:
    """Return kind of body, registration authority and region of a well-formed code in one line."""
    description = describe_uscc(code)
    category = UsccCategory.objects.filter(code=code[:2]).first()
    if category:
        english = (get_language() or "zh").startswith("en")
        body = str(category)
        department = (category.department_en if english else "") or category.department_zh
    else:
        body, department = _("unknown kind of body"), _("unknown department")
    region = str(description.province or _("unknown region"))
    return _("%(body)s (registered by: %(department)s), region %(region)s %(code)s") % {
        "body": body,
        "department": department,
        "region": region,
        "code": description.region_code,
    }


def about_name(name: str, code: str, others: Any) -> dict[str, Any]:
    """Return the records of the same name, or else those so similar that an import would hold the row back."""
    if existing := _offered(same_named((name,), others, code)):
        message = _("An organization with this name is in the registry already:")
        return {"level": "warning", "lines": [message], "existing": existing}
    alike = {one.pk: one for one in possible_duplicates([Asked(name, code)])[0]}
    records = {one.pk: one for one in others.filter(pk__in=alike)}
    offered = [
        {"label": labelled(numbered(records[pk]), one.reasons), "url": page_url(records[pk])}
        for pk, one in alike.items()
        if pk in records
    ]
    lines = [_("It may be one of these, which the registry has already:")] if offered else []
    return {"level": "warning" if offered else "", "lines": lines, "existing": offered}


def _offered(found: Any) -> list[dict[str, str]]:
    return [{"label": numbered(o), "url": page_url(o)} for o in with_successors(found[:MOST_OFFERED])]


def numbered(organization: Organization) -> str:
    """Return the name with the registry number, which distinguishes equal names."""
    return bracketed(organization, organization.registry_no)


def page_url(organization: Organization) -> str:
    """Return the address of the organization's page, which depends on its kind."""
    model = {"enterprise": "enterprise", "research": "institute"}.get(organization.kind, "organization")
    return reverse(f"admin:registry_{model}_page", args=[organization.pk])


def links(organizations: Any) -> SafeString:
    """Return links to the records for the message of a form."""
    rows = ((page_url(o), numbered(o)) for o in organizations)
    return format_html_join(_(", "), '<a href="{}">{}</a>', rows)


def may_override(user: Account) -> bool:
    return user.has_perm("registry.override_uscc")


def with_successors(found: Any) -> list[Organization]:
    """Return the records; each merged record is followed by the record that it was merged into."""
    return [one for record in found for one in (record, successor_of(record)) if one is not None]


def duplicate_uscc_error(existing: Organization) -> SafeString:
    successor = successor_of(existing)
    if successor is None:
        return format_html("{} {}", _("This USCC is in the registry already:"), links([existing]))
    said = _("This USCC belongs to a merged record; use its successor instead:")
    return format_html("{} {} → {}", said, links([existing]), links([successor]))


def same_name_error(existing: Any) -> SafeString:
    return format_html(
        "{} {} {}",
        _("An organization with this name is in the registry already:"),
        links(existing),
        _("Open it instead; or confirm that this is another body with the same name."),
    )
