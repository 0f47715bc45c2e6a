"""Loads the fictional demonstration data: fixtures/demo.json, a document of organizations and two alliances, of
which the second is registered and has meetings.

Its keys are field names, and child records are nested in their organization or member. Registry numbers, codes and
dates are fixed, so that pictures and examples in the documents stay true.
"""

import datetime
import json
from collections.abc import Collection
from typing import Any

import pghistory
from django.apps import apps
from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.db import connection, transaction
from django.db.models import Model
from django.utils.translation import gettext as _

from alliance.applications.demo import create_applications
from alliance.certificates.demo import create_certificates
from alliance.council.sitting import entitled
from alliance.dues.demo import create_dues
from alliance.meetings.choices import Matter
from alliance.meetings.rules import voting_rule
from alliance.models import (
    Alliance,
    Attendance,
    Body,
    Decision,
    Group,
    Meeting,
    Member,
    MemberSector,
    Membership,
    OfficeHolder,
    Representative,
    Seat,
    StandardTier,
    Supporter,
    Suspension,
    Term,
    Tier,
)
from registry.organizations.models.confidential import AnnualFigures, Contact
from registry.organizations.models.details import Identifier, Name, Qualification, Relation, SectorTag
from registry.organizations.models.organizations import Organization
from registry.proposals.models import Proposal
from registry.reference.models import Grading, Sector, Township, Zone

PLAN = "zs-ai-2019"
PARTS: dict[str, type[Model]] = {
    "names": Name,
    "identifiers": Identifier,
    "sector_tags": SectorTag,
    "qualifications": Qualification,
    "annual_figures": AnnualFigures,
    "contacts": Contact,
    "relations": Relation,
}

PARTS_OF_ALLIANCE = (
    *("supporters", "members", "terms", "groups", "office_holders", "meetings", "dues", "applications"),
    "certificates",
)


class Command(BaseCommand):
    help = "Load two fictional alliances and their organizations into an empty registry, to look around in."

    @transaction.atomic
    def handle(self, *args: Any, **options: Any) -> None:
        # The history too, because a registry number is never given twice, even where its organization is gone.
        if apps.get_model("registry", "OrganizationEvent").objects.exists() or Alliance.objects.exists():
            raise CommandError(
                _("The registry holds organizations or alliances already: the demonstration data are for an empty one.")
            )
        if not Sector.objects.filter(plan__code=PLAN).exists():
            raise CommandError(_("The reference data are missing: run load_reference first."))
        document = json.loads((settings.BASE_DIR / "fixtures" / "demo.json").read_text(encoding="utf-8"))
        with pghistory.context(command="load_demo"):
            demo = Demo()
            demo.create_organizations(document["organizations"])
            for of in (document["alliance"], document["registered"]):
                demo.create_alliance(of)
            # Parts come after their organization; nobody need review them.
            Proposal.objects.filter(in_effect=True).delete()
        if options["verbosity"]:
            self.stdout.write(
                _("%(organizations)d organizations and %(members)d members of two alliances, all fictional.")
                % {"organizations": len(document["organizations"]), "members": Member.objects.count()}
            )


class Demo:
    def __init__(self) -> None:
        self.sectors = {sector.code: sector for sector in Sector.objects.filter(plan__code=PLAN)}
        self.organizations: dict[str, Organization] = {}
        # Values of these keys are codes or registry numbers.
        self.references: dict[str, dict[str, Any]] = {
            "township": Township.objects.in_bulk(field_name="code"),
            "zone": Zone.objects.in_bulk(field_name="code"),
            "grading": Grading.objects.in_bulk(field_name="code"),
            "sector": self.sectors,
            "organization": self.organizations,
            "successor": self.organizations,
            "related": self.organizations,
        }

    def create_organizations(self, documents: list[dict[str, Any]]) -> None:
        for document in documents:
            organization = Organization.objects.create(**self._fields(document, without=PARTS))
            self.organizations[organization.registry_no] = organization
        for part, model in PARTS.items():
            model._default_manager.bulk_create(
                self._part(model, self.organizations[document["registry_no"]], fields)
                for document in documents
                for fields in document.get(part, ())
            )
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT setval('registry_organization_no_seq', greatest(last_value, %s))"
                " FROM registry_organization_no_seq",
                [max(int(registry_no.removeprefix("ZSAI-")) for registry_no in self.organizations)],
            )

    def create_alliance(self, document: dict[str, Any]) -> None:
        alliance = Alliance.objects.create(**self._fields(document, without=PARTS_OF_ALLIANCE))
        tiers = {
            tier.code: tier
            for tier in Tier.objects.bulk_create(
                Tier(alliance=alliance, **standard.values()) for standard in StandardTier.objects.all()
            )
        }
        Supporter.objects.bulk_create(
            Supporter(alliance=alliance, **self._fields(fields)) for fields in document["supporters"]
        )
        documents = document["members"]
        # The database numbers them in this order.
        members = Member.objects.bulk_create(
            Member(alliance=alliance, organization=self.organizations[fields["organization"]]) for fields in documents
        )
        pairs = list(zip(members, documents, strict=True))
        MemberSector.objects.bulk_create(
            MemberSector(member=member, sector=self.sectors[code])
            for member, fields in pairs
            for code in fields.get("sectors", ())
        )
        Membership.objects.bulk_create(
            Membership(alliance=alliance, member=member, **period | {"tier": tiers[period["tier"]]})
            for member, fields in pairs
            for period in fields["memberships"]
        )
        Representative.objects.bulk_create(
            Representative(member=member, **person)
            for member, fields in pairs
            for person in fields.get("representatives", ())
        )

        Suspension.objects.bulk_create(
            Suspension(member=member, **fields) for member, said in pairs for fields in said.get("suspensions", ())
        )
        by_number = {member.organization.registry_no: member for member in members}
        self._create_council(alliance, document, by_number)
        for fields in document.get("meetings", ()):
            self._create_meeting(alliance, fields, by_number)
        if "dues" in document:
            create_dues(alliance, document["dues"])
        create_applications(alliance, document.get("applications", []), self.organizations)
        create_certificates(alliance, document.get("certificates", []), by_number)

    def _create_council(self, alliance: Alliance, document: dict[str, Any], members: dict[str, Member]) -> None:
        Term.objects.bulk_create(Term(alliance=alliance, **fields) for fields in document["terms"])
        for fields in document["groups"]:
            group = Group.objects.create(alliance=alliance, **self._fields(fields, without=("seats",)))
            Seat.objects.bulk_create(
                Seat(alliance=alliance, group=group, member=members[seat.pop("organization")], **seat)
                for seat in fields["seats"]
            )
        OfficeHolder.objects.bulk_create(
            OfficeHolder(alliance=alliance, member=members.get(fields.pop("organization", "")), **fields)
            for fields in document["office_holders"]
        )

    def _create_meeting(self, alliance: Alliance, document: dict[str, Any], members: dict[str, Member]) -> None:
        """Create a meeting with who was there and its decisions, by the rule that the alliance starts with."""
        absent = {members[no].pk for no in document["absent"]}
        proxies = {members[no].pk: name for no, name in document.get("proxies", {}).items()}
        fields = self._fields(document, without=("absent", "proxies", "decisions", "term"))
        meeting = Meeting(alliance=alliance, term=alliance.terms.get(number=document["term"]), **fields)
        meeting.held_on = datetime.date.fromisoformat(document["held_on"])
        called = list(entitled(alliance, meeting.held_on, Body(meeting.body)).values_list("member_id", flat=True))
        meeting.called = len(called)
        meeting.save()
        Attendance.objects.bulk_create(
            Attendance(
                alliance=alliance, meeting=meeting, member_id=pk, present=pk not in absent, proxy=proxies.get(pk, "")
            )
            for pk in called
        )
        counts = {"entitled": meeting.number_entitled(), "present": meeting.number_present()}
        rule = voting_rule(alliance, meeting.body).shares()
        for number, said in enumerate(document["decisions"], 1):
            decision = Decision(meeting=meeting, number=number, **counts, **rule, **said)
            decision.save()
            if decision.matter == Matter.ELECTION:
                alliance.terms.filter(number=document["term"]).update(decision=decision)

    def _fields(self, document: dict[str, Any], without: Collection[str] = ()) -> dict[str, Any]:
        return {
            key: self.references[key][value] if key in self.references else value
            for key, value in document.items()
            if key not in without
        }

    def _part(self, model: type[Model], organization: Organization, fields: dict[str, Any]) -> Model:
        row = model(organization=organization, **self._fields(fields))
        if isinstance(row, SectorTag):
            row.plan_id = row.sector.plan_id
        return row
