"""Says what an erasure finds and takes, for the page and the command alike."""

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from registry.erasure.finding.containers import FileHit
from registry.erasure.finding.persons import Person
from registry.erasure.finding.texts import TextHit
from registry.erasure.finding.traces import NAME
from registry.erasure.plan import ErasurePlan
from registry.imports.models import ImportBatch
from registry.values.punctuation import labelled, phrases

OF_THE_OWNER = gettext_lazy(
    "Not done: the database role of the registry may not change histories and logs. Run the command (erase_person, "
    "retention) on the server with the role that owns the tables (DATABASE_URL)."
)


def described(person: Person) -> str:
    """Return a person of the list in one line, with numbers masked."""
    where = f"{person.organization} {person.organization.registry_no}" if person.organization else ""
    parts = [
        person.label,
        person.about,
        person.name,
        person.others,
        person.masked,
        where,
        state_of(person),
        found_by(person),
    ]
    return phrases(filter(None, parts))


def state_of(person: Person) -> str:
    if person.current:
        return _("entered now")
    return _("only in the history")


def found_by(person: Person) -> str:
    if person.by_name and person.by_number:
        return _("name and number")
    return _("the name") if person.by_name else _("the number")


def uncertain_label(hit: TextHit | FileHit) -> str:
    """Return what somebody has to decide about: the place, and the text there."""
    if isinstance(hit, FileHit):
        return _("File of import %(number)d “%(name)s”") % {"number": hit.batch.pk, "name": hit.batch.file_name}
    where = _("%(table)s (history)") % {"table": hit.label} if hit.is_event else hit.label
    return phrases([f"{where} {hit.pk}", labelled(hit.columns, hit.excerpt)])


def losses(plan: ErasurePlan) -> list[str]:
    """Return what is lost besides the person, because it cannot be rewritten, and what stays."""
    told = []
    for hit in plan.files:
        if hit.certain:
            told.append(loss_of(hit))
    if plan.answers:
        told.append(
            ngettext(
                "%(count)d kept answer of the API is deleted: a request that is sent again is carried out again.",
                "%(count)d kept answers of the API are deleted: a request that is sent again is carried out again.",
                len(plan.answers),
            )
            % {"count": len(plan.answers)}
        )
    if plan.sessions:
        told.append(
            ngettext(
                "%(count)d open log-in ends: its messages name the person.",
                "%(count)d open log-ins end: their messages name the person.",
                len(plan.sessions),
            )
            % {"count": len(plan.sessions)}
        )
    if plan.shared:
        told.append(
            _("A number that others have, too, goes from the rows of this person and stays in theirs and in texts.")
        )
    return told


def loss_of(hit: FileHit) -> str:
    params = {"number": hit.batch.pk, "name": hit.batch.file_name}
    if hit.batch.state == ImportBatch.State.OPEN:
        return (
            _(
                "The file of import %(number)d “%(name)s” is deleted. It was not applied yet: upload it again without "
                "the person."
            )
            % params
        )
    return (
        _(
            "The file of import %(number)d “%(name)s” is deleted and can no longer be downloaded. What was imported "
            "stays, and can be undone."
        )
        % params
    )


def why(kinds: frozenset[str]) -> str:
    return _("the name alone") if kinds == {NAME} else _("a number")
