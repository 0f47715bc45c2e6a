"""Creates the dues of the demonstration data: a standard, and for each year who has paid, in part or not at all."""

import datetime
from decimal import Decimal
from typing import Any

from alliance.dues.drawing_up import DrawUpRequest, look
from alliance.dues.models import DuesClass, DuesStandard, Payment
from alliance.models import Alliance, Decision


def create_dues(alliance: Alliance, document: dict[str, Any]) -> None:
    """The classes name tiers by code; members are named by the registry numbers of their organizations."""
    fields = dict(document["standard"])
    classes = fields.pop("classes")
    decided = Decision.objects.filter(alliance=alliance, matter="dues_standard").order_by("pk").first()
    standard = DuesStandard.objects.create(alliance=alliance, decision=decided, **fields)
    for one in classes:
        created = DuesClass.objects.create(standard=standard, name=one["name"], amount=one["amount"])
        created.tiers.set(alliance.tiers.filter(code__in=one["tiers"]))
    for said in document["years"]:
        _create_year(alliance, said)


def _create_year(alliance: Alliance, said: dict[str, Any]) -> None:
    year, payments = said["year"], []
    asked = DrawUpRequest(alliance, year, datetime.date.fromisoformat(said["on"]))
    for number, line in enumerate(look(asked).lines, 1):
        due, who = line.write(year), line.member.organization.registry_no
        if who in said["unpaid"]:
            continue
        receipt = "" if who in said["without_receipt"] else f"演示{year}{number:04d}"
        payments.append(
            Payment(
                alliance=alliance,
                due=due,
                paid_on=said["paid_on"],
                amount=Decimal(said["partly"].get(who, due.amount)),
                text=f"{year}年度会费",
                serial_no=f"YS{year}{number:06d}",
                receipt_no=receipt,
            )
        )
    Payment.objects.bulk_create(payments)
