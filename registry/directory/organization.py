"""The page of one organization, at an address that stays, and the same record as JSON and CSV beside it."""

import datetime
from collections.abc import Callable
from typing import Any

import orjson
from django.db import connection
from django.http import Http404, HttpRequest, HttpResponse, HttpResponsePermanentRedirect
from django.http.response import HttpResponseBase
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from registry.columns import chosen
from registry.directory.asking import ask
from registry.directory.files import file_of
from registry.directory.pages import address, english, gone, only, page, render
from registry.organizations.columns.organizations import ORGANIZATION_COLUMNS
from registry.organizations.countries import country_names
from registry.organizations.models.choices import Category, Kind, PublicSource, RegistrationStatus
from registry.organizations.models.details import Scheme
from registry.organizations.models.public_changes import PublicChange
from registry.organizations.views.public import PublicOrganizationViewSet
from registry.reference.models import Level
from registry.values.industries import industries
from registry.values.punctuation import listed

memberships: list[Callable[[str], list[dict[str, Any]]]] = []
"""Functions that other apps add: registry number -> what it is a member of, each with name, url, tier and joined_on."""


def record_of(request: HttpRequest, registry_no: str) -> dict[str, Any] | HttpResponseBase:
    """Return the public record, or the answer for one that has been merged or is no longer public. Raises Http404.

    What was never public is answered as if there were no such number.
    """
    try:
        record = ask(request, f"organizations/{registry_no}/")
    except Http404:
        record = {}
    if record and record["registration_status"] != RegistrationStatus.MERGED:
        return record
    if not PublicChange.objects.filter(registry_no=registry_no).exists():
        raise Http404
    successor = _successor(request, registry_no)
    return successor or record or gone(request)


def _successor(request: HttpRequest, registry_no: str) -> HttpResponseBase | None:
    """Lead to the published record at the end of a chain of mergers."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT registry_public_successor(%s)", [registry_no])
        (number,) = cursor.fetchone()
    if not number:
        return None
    ending = request.path_info.rpartition(".")[2]
    name = {"json": "organization-json", "csv": "organization-csv"}.get(ending, "organization")
    return HttpResponsePermanentRedirect(address(name, number))


@page
def organization(request: HttpRequest, registry_no: str) -> HttpResponseBase:
    only(request)
    record = record_of(request, registry_no)
    if isinstance(record, HttpResponseBase):
        return record

    names = [record["name_zh"], record["name_en"]]
    names = [name for name in (reversed(names) if english() else names) if name]
    status = RegistrationStatus(record["registration_status"])
    return render(
        request,
        "organization.html",
        title=names[0],
        other_name=names[1] if len(names) > 1 else "",
        record=record,
        kind=Kind(record["kind"]).label,
        status_name=status.label,
        ended=status != RegistrationStatus.ACTIVE,
        facts=_facts(record, str(status.label)),
        texts=_texts(record),
        sectors=[{**one, "url": address("sector", one["code"])} for one in record["sectors"]],
        qualifications=[_qualification(one) for one in record["qualifications"]],
        memberships=[one for find in memberships for one in find(registry_no)],
        verified_on=day_shown(record["verified_on"]),
        source=_source(record),
        changed_at=_changed_at(registry_no),
        description=(record["introduction"] or record["main_products"])[:150],
        json_address=address("organization-json", registry_no, lang="zh"),
        csv_address=address("organization-csv", registry_no),
        correct_address=address("correct", registry_no),
        linked_address=address("organization-linked", registry_no, lang="zh"),
    )


def _changed_at(registry_no: str) -> datetime.datetime | None:
    found = PublicChange.objects.filter(registry_no=registry_no).values_list("changed_at", flat=True).first()
    return timezone.localtime(found) if found else None


def _source(record: dict[str, Any]) -> str:
    return str(PublicSource(record["public_source"]).label) if record["public_source"] else ""


def _labels() -> dict[str, str]:
    return {one.name: str(one.label) for one in chosen(ORGANIZATION_COLUMNS, PublicOrganizationViewSet.column_names)}


def _facts(record: dict[str, Any], status: str) -> list[tuple[str, str, str]]:
    """Return what a table shows: label, value, and the address that the value leads to."""
    labels, schemes = _labels(), dict(Scheme.choices)
    town = record["township"]
    facts = [
        (labels["registry_no"], record["registry_no"], ""),
        (labels["uscc"], record["uscc"], ""),
        (labels["kind"], Kind(record["kind"]).label, ""),
        (labels["category"], Category(record["category"]).label if record["category"] else "", ""),
        (labels["short_name"], record["short_name"], ""),
        (labels["former_names"], listed(record["former_names"]), ""),
        (labels["registration_status"], status, ""),
        (labels["registration_type"], record["registration_type"], ""),
        (labels["founded_on"], day_shown(record["founded_on"]), ""),
        (_("Registered capital"), _capital(record), ""),
        (labels["industry"], _industry(record["industry"]), ""),
        (labels["township"], town and town["name"], address("township", town["code"]) if town else ""),
        (labels["zone"], record["zone"] and record["zone"]["name"], ""),
        (labels["registered_address"], record["registered_address"], ""),
        (labels["business_address"], record["business_address"], ""),
        (labels["country"], _country(record["country"]), ""),
        (labels["website"], record["website"], _web(record["website"])),
        *((str(schemes.get(one["scheme"], "")), one["value"], "") for one in record["identifiers"] if _valid(one)),
    ]
    return [(label, str(value), url) for label, value, url in facts if value]


def _valid(one: dict[str, Any]) -> bool:
    return not one["valid_to"] or one["valid_to"] > timezone.localdate().isoformat()


def _web(website: str) -> str:
    return website if website.startswith(("https://", "http://")) else ""


def _country(code: str) -> str:
    if code == "CN":
        return ""
    return country_names().get(code, (code, code))[english()]


def _industry(code: str) -> str:
    return f"{code} {industries().get(code, '')}".strip() if code else ""


def day_shown(text: str | None) -> str:
    return date_format(datetime.date.fromisoformat(text), "DATE_FORMAT") if text else ""


def _capital(record: dict[str, Any]) -> str:
    amount = record["registered_capital"]
    if amount is None:
        return ""
    if english() or record["capital_currency"] != "CNY":
        return f"{amount:,} {record['capital_currency']}"
    return f"{amount / 10_000:,.10g} 万元"


def _texts(record: dict[str, Any]) -> list[tuple[str, str]]:
    labels = _labels()
    return [(labels[name], record[name]) for name in ("introduction", "main_products", "scope") if record[name]]


def _last_day(end: str | None) -> str:
    """Return the last valid day, where the record has the first one after it."""
    return (datetime.date.fromisoformat(end) - datetime.timedelta(1)).isoformat() if end else ""


def _qualification(one: dict[str, Any]) -> dict[str, Any]:
    level = str(Level(one["level"]).label) if one["level"] else ""
    shown = {"granted": one["granted_on"], "until": _last_day(one["valid_to"]), "past": not _valid(one)}
    return {"name": one["grading"]["name"], "level": level, **shown}


# --- Files


@page
def as_json(request: HttpRequest, registry_no: str) -> HttpResponseBase:
    only(request)
    record = record_of(request, registry_no)
    if isinstance(record, HttpResponseBase):
        return record
    shown = {name: value for name, value in record.items() if name != "updated_at"}
    moment = _changed_at(registry_no)
    shown |= {"changed_on": moment.date().isoformat() if moment else None, "url": _url(request, registry_no)}
    return HttpResponse(orjson.dumps(shown, default=str), content_type="application/json")


@page
def as_csv(request: HttpRequest, registry_no: str) -> HttpResponseBase:
    only(request)
    record = record_of(request, registry_no)
    if isinstance(record, HttpResponseBase):
        return record
    response = HttpResponse(b"".join(file_of("csv", registry_no=registry_no)), content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="{registry_no}.csv"'
    return response


@page
def as_linked_data(request: HttpRequest, registry_no: str) -> HttpResponseBase:
    """Return the organization as schema.org tells it: a file of its own, because the policy allows no inline script."""
    only(request)
    record = record_of(request, registry_no)
    if isinstance(record, HttpResponseBase):
        return record
    names = [name for name in (record["name_zh"], record["name_en"]) if name]
    others = [record["short_name"], *names[1:], *record["former_names"]]
    place = record["business_address"] or record["registered_address"]
    shown = {
        "@context": "https://schema.org",
        "@type": "Organization",
        "@id": _url(request, registry_no),
        "url": _web(record["website"]),
        "identifier": record["registry_no"],
        "taxID": record["uscc"],
        "name": names[0],
        "alternateName": [name for name in others if name],
        "description": record["introduction"],
        "foundingDate": record["founded_on"],
        "address": place and {"@type": "PostalAddress", "streetAddress": place, "addressCountry": record["country"]},
    }
    shown = {name: value for name, value in shown.items() if value}
    return HttpResponse(orjson.dumps(shown), content_type="application/ld+json")


def _url(request: HttpRequest, registry_no: str) -> str:
    return f"{request.scheme}://{request.get_host()}{address('organization', registry_no, lang='zh')}"
