"""The parameters by which masked values are shown in full: `reveal` in JSON, `purpose` and `recipient` in files."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, ClassVar

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from rest_framework.exceptions import PermissionDenied
from rest_framework.generics import GenericAPIView

from registry.api.errors import InvalidParameters
from registry.columns import Column
from registry.disclosure.log import Subject, by_whom, handed_over, log_looks
from registry.disclosure.models import REVEAL, Disclosure, Reason

REVEAL_PARAMETERS: Mapping[str, Any] = {
    "reveal": gettext_lazy("Shows telephone numbers and e-mail addresses in full; says why, and is logged per record."),
    "purpose": gettext_lazy(
        "With `recipient`: a file has telephone numbers and e-mail addresses in full. A reason of `reveal`, or a text."
    ),
    "recipient": gettext_lazy("Who is given the file. It needs `purpose` too; both are logged."),
}


class RevealMixin(GenericAPIView):
    """Masked values are shown in full only to a request that asks for it, says why, and may; it is logged."""

    reveal_names: ClassVar[tuple[str, ...]] = tuple(REVEAL_PARAMETERS)
    """The parameters of these that the view knows, where it has columns with a mask."""
    disclosed: ClassVar[str] = Disclosure.What.CONTACTS

    def may(self, permission: str) -> bool:
        """Return whether the caller has a permission; an empty one everybody has."""
        raise NotImplementedError

    def reveal_parameters(self, columns: Iterable[Column]) -> Mapping[str, Any]:
        """Return the parameters that the caller may name: none where there is nothing to reveal."""
        if not any(one.mask and self.may(one.permission) for one in columns):
            return {}
        return {name: REVEAL_PARAMETERS[name] for name in self.reveal_names}

    def reveals(self, columns: Iterable[Column]) -> bool:
        """Return whether JSON shows these columns in full. Raises InvalidParameters and PermissionDenied."""
        given = self.request.query_params.get("reveal")
        if given is None:
            return False
        if given not in Reason.values:
            said = _("“%(value)s” is not possible here; there are: %(values)s.")
            raise InvalidParameters({"reveal": said % {"value": given, "values": ", ".join(Reason.values)}})
        if not any(one.mask for one in columns):
            return False
        self._may_reveal()
        return True

    def handed_over(self, columns: Iterable[Column]) -> tuple[str, str]:
        """Return why a file has full numbers, and who is given it; empty texts where it has them masked."""
        try:
            purpose, recipient = handed_over(self.request.query_params)
        except ValidationError as error:
            raise InvalidParameters(error.message_dict) from None
        if purpose and any(one.mask for one in columns):
            self._may_reveal()
        return purpose, recipient

    def _may_reveal(self) -> None:
        if not self.may(REVEAL):
            raise PermissionDenied(_("Your account may see telephone numbers and e-mail addresses only masked."))

    def log_reveal(self, lookup: Mapping[str, Any]) -> None:
        """Log that the records that the look-up finds were shown in full."""
        log_looks(by_whom(self.request), self.disclosed, self.subjects(lookup), self.request.query_params["reveal"])

    def subjects(self, lookup: Mapping[str, Any]) -> Sequence[Subject]:
        """Return the organizations whose numbers are shown: those that the account works on."""
        visible = self.get_render_context().visible  # type: ignore[attr-defined]
        found = self.get_queryset().filter(visible, **lookup).values_list("registry_no", "name_zh", "name_en")
        return [(number, chinese or english, "") for number, chinese, english in found]
