"""Serializers of certificates: issuing one, recording one that was printed elsewhere, and how it ends."""

from typing import Any

from django.utils.translation import gettext as _
from rest_framework import serializers

from alliance.certificates.issuing import issue, record
from alliance.certificates.models import PRINTED
from alliance.council.serializers import OwnField
from alliance.models import Certificate, Member
from registry.api.serializers import StrictSerializer

GIVEN = ("number", "organization_name", "organization_name_en", "tier_name", "tier_name_en", "signature")
"""The fields that are entered by hand for a certificate that was printed elsewhere."""
ENDING = ("ended_on", "end_kind", "end_reason", "returned_on")


class CertificateSerializer(StrictSerializer):
    told = (
        "Without `number` a certificate is issued: it gets the next number and says what the records say, and what the "
        "member has is replaced. With `number` one is recorded that was printed elsewhere; what is left out follows "
        "from the names of its day of issue. `valid_to` is the first day on which it does not hold."
    )
    member_no = OwnField("member_no", source="member", queryset=Member.objects.all())

    class Meta(StrictSerializer.Meta):
        model = Certificate
        fields = ("member_no", "issued_on", "valid_from", "valid_to", *GIVEN, *ENDING)
        extra_kwargs = {name: {"required": False} for name in GIVEN}

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        """Refuse what would change the paper of a certificate that was issued here."""
        stored: Certificate | None = self.instance
        if stored is None:
            fixed = [] if attrs.get("number") else [name for name in (*GIVEN, *ENDING) if attrs.get(name)]
            text = _("The system fills this in when it issues a certificate. Give `number` to record an older one.")
        else:
            fixed = [] if stored.from_list else [name for name in PRINTED if name in attrs]
            fixed = [name for name in fixed if attrs[name] != getattr(stored, name)]
            text = _("It stays as it was printed: issue another one, which replaces it.")
            if attrs.get("member", stored.member) != stored.member:
                fixed.append("member_no")
        if fixed:
            raise serializers.ValidationError({name: [text] for name in fixed}, code="as_printed")
        return attrs

    def create(self, validated_data: dict[str, Any]) -> Certificate:
        alliance, member = self.context["alliance"], validated_data.pop("member")
        if validated_data.get("number"):
            return record(member, **validated_data)
        days = (validated_data["valid_from"], validated_data.get("valid_to"), validated_data["issued_on"])
        return issue(alliance, [member.pk], *days)[0]
