"""Writes organizations with their sectors, other names and identifiers."""

from typing import Any

from django.contrib.auth.models import User
from django.core.exceptions import ValidationError
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from rest_framework import serializers

from registry.api.errors import FieldForbidden
from registry.api.serializer_fields import KeyField, NamedField, find
from registry.api.serializers import LineField, StrictSerializer, TextField, check, take_over
from registry.columns import editable_names
from registry.matching.identity import successor_of
from registry.organizations.actions import (
    NAMES,
    VERIFICATION,
    NameChange,
    check_name_change,
    keep_former_names,
    replaced_names,
)
from registry.organizations.columns.details import ORGANIZATION_DETAIL_COLUMNS
from registry.organizations.models.choices import VerifiedFrom
from registry.organizations.models.details import Identifier, Name, SectorTag
from registry.organizations.models.organizations import Enterprise, Institute, Organization
from registry.organizations.models.reach import reaches_township, require_reach
from registry.organizations.serializers.nested import (
    IdentifierSerializer,
    NameSerializer,
    PartWrites,
    SectorTagSerializer,
    refuse,
    replace_parts,
)
from registry.organizations.serializers.similar import SimilarRecords
from registry.proposals.actions import propose_move
from registry.reference.cache import References, references
from registry.reference.models import Plan
from registry.spreadsheet import parse_website
from registry.values.validators import normalise_uscc, uscc_check_character_ok

NESTED = {"sectors": "sector_tags", "other_names": "names", "identifiers": "identifiers"}
"""The child lists that are written with an organization, and the names of their relations."""


class UsccField(TextField):
    def to_internal_value(self, data: object) -> str:
        return normalise_uscc(super().to_internal_value(data))


class WebsiteField(LineField):
    """A web address; like forms and files, it adds https:// to an address without a scheme."""

    def to_internal_value(self, data: object) -> str:
        return parse_website(super().to_internal_value(data)) or ""


class OrganizationSerializer(StrictSerializer):
    """Writes an organization. `sectors` belong to one plan, and one of them is primary; tags of other plans stay."""

    told = "`sectors` are those of one plan, and one of them is primary. Sectors of other plans stay as they are."
    uscc = UsccField(required=False, allow_null=True, allow_blank=True)
    website = WebsiteField(required=False, allow_blank=True, max_length=500)
    township = NamedField(lambda: references().townships, source="township_id", required=False, allow_null=True)
    zone = NamedField(lambda: references().zones, source="zone_id", required=False, allow_null=True)
    successor = KeyField("registry_no", queryset=Organization.objects.all(), required=False, allow_null=True)
    sectors = SectorTagSerializer(many=True, required=False)
    other_names = NameSerializer(many=True, required=False)
    identifiers = IdentifierSerializer(many=True, required=False)
    name_change = serializers.ChoiceField(
        choices=NameChange.choices,
        required=False,
        write_only=True,
        help_text="Needed where a name of a stored record changes in more than its writing: `rename` keeps the old "
        "name as a former name, `correction` does not.",
    )
    renamed_on = serializers.DateField(
        required=False,
        allow_null=True,
        write_only=True,
        help_text="With `rename`: the first day of the new name, by default today.",
    )

    allow_similar = serializers.BooleanField(
        required=False,
        write_only=True,
        help_text="For a new record: true says that it is another body than the records that it resembles, for which "
        "it would be refused with 409 `possible-duplicates`.",
    )

    class Meta(StrictSerializer.Meta):
        model: type[Organization] = Organization
        fields: tuple[str, ...] = (
            *editable_names(ORGANIZATION_DETAIL_COLUMNS, Organization),
            "allow_similar",
            "name_change",
            "renamed_on",
            *NESTED,
        )

    def update(self, instance: Organization, validated_data: dict[str, Any]) -> Organization:
        user = self.context["request"].user
        moves_to = self._check_reach(instance, validated_data, user)
        nested = {name: validated_data.pop(name) for name in NESTED if name in validated_data}
        allow_similar = validated_data.pop("allow_similar", False)
        change, renamed_on = validated_data.pop("name_change", ""), validated_data.pop("renamed_on", None)
        replaced: dict[str, str] = {}
        if not instance._state.adding:
            replaced = replaced_names({name: getattr(instance, name) for name in NAMES}, validated_data)
        elif change:
            message = _("A new record has no name that could change.")
            raise ValidationError({"name_change": ValidationError(message, code="invalid")})
        check_name_change(replaced, change, renamed_on)
        self._check_rights(instance, validated_data, user)
        self._sign(instance, validated_data, user)
        # Towns, zones and successors have just been looked up.
        sure = take_over(instance, validated_data) | {"township", "zone", "successor"}
        try:
            check(instance, sure)
        except ValidationError:
            self._check_merged(instance)
            raise
        new = instance._state.adding
        if new and not allow_similar:
            self._check_similar(validated_data, nested.get("identifiers", ()), user)
        if new and not instance.pinyin:
            instance.pinyin = self.context["similar"].pinyin.get(instance.name_zh, "")
        instance.save()
        self._write_nested(instance, nested, user, new)
        if change == NameChange.RENAME:
            keep_former_names(instance, replaced, renamed_on)
        if moves_to:
            propose_move(instance, moves_to, user)
        return instance

    @staticmethod
    def _check_reach(instance: Organization, values: dict[str, Any], user: User) -> int | None:
        """Refuse a record outside the townships of the account, or one that would begin there.

        Takes another town out of the values of a stored record and returns it: it is to be proposed to that town.
        """
        if not instance._state.adding:
            require_reach(user, instance)
        township = values.get("township_id", instance.township_id)
        if not reaches_township(user, township):
            if township and not instance._state.adding:
                return int(values.pop("township_id"))
            message = _("Your account enters organizations of its townships only: name one of them.")
            raise ValidationError({"township": ValidationError(message, code="out-of-reach")})
        return None

    def _check_similar(self, values: dict[str, Any], identifiers: list[dict[str, Any]], user: User) -> None:
        similar: SimilarRecords = self.context["similar"]
        similar.check(values, identifiers, may_see=user.has_perm("registry.view_organization"))
        similar.created(values)

    @staticmethod
    def _check_merged(instance: Organization) -> None:
        """Raise ValidationError if the record's USCC belongs to a record that was merged into a known one."""
        others = Organization.objects.exclude(pk=instance.pk)
        owner = others.filter(uscc=instance.uscc).first() if instance.uscc else None
        successor = successor_of(owner) if owner else None
        if owner and successor:
            message = _("This USCC belongs to %(record)s, which was merged into %(successor)s.")
            params = {"record": owner.registry_no, "successor": successor.registry_no}
            raise ValidationError({"uscc": ValidationError(message, code="unique", params=params)})

    def _check_rights(self, instance: Organization, values: dict[str, Any], user: User) -> None:
        if values.get("published", instance.published) != instance.published:
            _require(user, "registry.publish_organization", "published")
        for name in VERIFICATION:
            if values.get(name, getattr(instance, name)) != getattr(instance, name):
                _require(user, "registry.verify_organization", name)
        before = (instance.uscc, instance.uscc_override_reason)
        uscc, reason = after = (values.get("uscc", before[0]), values.get("uscc_override_reason", before[1]))
        # A reason that stands already does not excuse another wrong code.
        if after != before and uscc and reason and not uscc_check_character_ok(uscc):
            _require(user, "registry.override_uscc", "uscc_override_reason")

    @staticmethod
    def _sign(instance: Organization, values: dict[str, Any], user: User) -> None:
        """Note who verifies. From what it was known on another day says nothing of the new one."""
        if values.get("verified_on", instance.verified_on) != instance.verified_on:
            values.setdefault("verified_from", "")
        elif values.get("verified_from", instance.verified_from) == instance.verified_from:
            return
        instance.verified_by = user if values.get("verified_on", instance.verified_on) else None

    def _write_nested(self, instance: Organization, nested: dict[str, Any], user: User, new: bool) -> None:
        if "sectors" in nested:
            self._write_sectors(instance, nested["sectors"], user, new)
        if "other_names" in nested:
            names = [Name(organization=instance, **values) for values in nested["other_names"]]
            writes, old_names = PartWrites(), () if new else instance.names.all()
            replace_parts("other_names", old_names, names, lambda name: (name.kind, name.name), user, writes)
            writes.write()
        if "identifiers" in nested:
            numbers = [Identifier(organization=instance, **values) for values in nested["identifiers"]]
            writes, old_numbers = PartWrites(), () if new else instance.identifiers.all()
            replace_parts("identifiers", old_numbers, numbers, lambda one: (one.scheme, one.value), user, writes)
            writes.write()

    def _write_sectors(self, instance: Organization, items: list[dict[str, Any]], user: User, new: bool) -> None:
        """Add the sector tags to the collected writes; they concern no other record, so one statement writes them
        for many.
        """
        plan, sectors = self.context["plan"], self._references.sectors
        old = [] if new else [tag for tag in instance.sector_tags.all() if plan and tag.plan_id == plan.pk]
        for tag in old:
            tag.sector = sectors[tag.sector_id]
        tags = self._tags(instance, items, plan, {tag.sector_id: tag for tag in old})
        waiting: PartWrites | None = self.context.get("tag_writes")
        writes = PartWrites() if waiting is None else waiting
        replace_parts("sectors", old, tags, lambda tag: tag.sector_id, user, writes)
        if waiting is None:
            writes.write()

    @cached_property
    def _references(self) -> References:
        return references()

    def _tags(
        self, instance: Organization, items: list[dict[str, Any]], plan: Plan | None, old: dict[int, SectorTag]
    ) -> list[SectorTag]:
        """Return one tag for each named sector; evidence that is not given stays as stored."""
        if plan is None and items:
            raise serializers.ValidationError({"sectors": [_("No plan is current: name one by the parameter plan.")]})
        known = self._references
        vocabulary = known.sectors_of(plan)
        chosen = _primary(items)
        tags = []
        for position, values in enumerate(items):
            try:
                pk = find(vocabulary, {key: values[key] for key in ("code", "name") if key in values})
            except ValidationError as error:
                refuse("sectors", position, error)
            before = old.get(pk, SectorTag())
            tags.append(
                SectorTag(
                    organization=instance,
                    sector=known.sectors[pk],
                    is_primary=position == chosen,
                    evidence=values.get("evidence", before.evidence),
                    evidence_url=values.get("evidence_url", before.evidence_url),
                )
            )
        return tags


class EnterpriseSerializer(OrganizationSerializer):
    class Meta(OrganizationSerializer.Meta):
        model = Enterprise
        read_only_fields = ("kind",)


class InstituteSerializer(OrganizationSerializer):
    class Meta(OrganizationSerializer.Meta):
        model = Institute
        read_only_fields = ("kind",)


class VerificationSerializer(StrictSerializer):
    verified_from = serializers.ChoiceField(VerifiedFrom.choices, help_text=gettext_lazy("From what it was checked."))

    class Meta(StrictSerializer.Meta):
        model = Organization
        fields = ("verified_from",)


def _primary(items: list[dict[str, Any]]) -> int | None:
    """Return the position of the sector marked as primary; the first position if none is marked."""
    marked = [position for position, values in enumerate(items) if values.get("primary")]
    if len(marked) > 1:
        refuse("sectors", marked[1], ValidationError(_("Only one sector is the primary one."), code="repeated"))
    if marked:
        return marked[0]
    return None if any("primary" in values for values in items) else 0


def _require(user: User, permission: str, field: str) -> None:
    if not user.has_perm(permission):
        raise FieldForbidden(f"/{field}", permission)
