from argparse import ArgumentParser
from typing import Any

from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError
from django.utils.translation import gettext as _

from registry.disclosure.models import Channel
from registry.erasure import again, listed, storage
from registry.erasure.erasing import erase, label_counts
from registry.erasure.finding import disk
from registry.erasure.finding.persons import find
from registry.erasure.finding.traces import Traces
from registry.erasure.models import Erasure, Ground
from registry.erasure.plan import ErasurePlan, plan
from registry.erasure.wording import described, losses, uncertain_label
from registry.imports.command import USAGE
from registry.values.punctuation import phrases


class Command(BaseCommand):
    help = (
        "Erases a person from all tables, histories, uploaded files and logs, after asking who is meant. It asks for "
        "the name itself: an argument would stay in the history of the shell."
    )
    requires_migrations_checks = True

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--again",
            action="store_true",
            help="ask nothing: erase again who is on the list of erasures, as after a restore by hand",
        )
        parser.add_argument(
            "--clean",
            action="store_true",
            help="ask nothing: rewrite the tables from which somebody was erased, which takes old values off the disk",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        if options["again"]:
            try:
                told = again.erase_again().told
            except listed.BadListError as error:
                raise CommandError(_("The list of erasures is damaged: %s") % error, returncode=USAGE) from None
            self.tell(told or [_("Nobody who is on the list of erasures is in the database.")])
        elif options["clean"]:
            labels = {label for tables in Erasure.objects.values_list("tables", flat=True) for label in tables}
            self.tell([*storage.rewrite(sorted(labels)), _("The tables were rewritten.")])
        else:
            self.ask()

    def ask(self) -> None:
        name = self.answer(_("Name: "))
        number = self.answer(_("Telephone number or e-mail address (may be empty): "))
        traces = Traces.of([name], [number])
        if not traces:
            raise CommandError(_("Give a name of at least two characters, or a whole number."), returncode=USAGE)
        persons = find(traces)
        if not persons:
            raise CommandError(_("Nobody is found by this name or number."))
        for place, person in enumerate(persons, 1):
            self.stdout.write(f"{place:3}  {described(person)}")
        chosen = self.picked(_("Who is meant (numbers, separated by commas): "), persons)
        if not chosen:
            raise CommandError(_("Nobody was chosen, and nothing was changed."))
        found = plan(chosen)
        self.preview(found)
        question = _("Which of these as well (numbers; empty: none): ")
        also = self.picked(question, found.uncertain) if found.uncertain else []
        grounds = [ground for ground in Ground if ground != Ground.RESTORED]
        for place, ground in enumerate(grounds, 1):
            self.stdout.write(f"{place:3}  {ground.label}")
        picked = self.picked(_("On which ground (number): "), grounds)
        if len(picked) != 1:
            raise CommandError(_("One ground is needed, and nothing was changed."), returncode=USAGE)
        if self.answer(_("This cannot be undone. Type the name or the number once more: ")) != (name or number):
            raise CommandError(_("That is not the same, and nothing was changed."))
        self.erase(found, {hit.key for hit in also}, picked[0])

    def erase(self, found: ErasurePlan, chosen: set[str], ground: str) -> None:
        try:
            record = erase(found, chosen=chosen, ground=ground, who={"user": None, "channel": Channel.COMMAND})
        except ValidationError as error:
            raise CommandError(" ".join(error.messages)) from None
        self.tell([f"{label}: {count}" for label, count in label_counts(record)])
        self.tell([*disk.blacken_logs(found.traces), *storage.rewrite(sorted(record.tables))])
        self.tell([_("Recorded as erasure no. %(number)d, without a name.") % {"number": record.pk}])
        self.tell([_("Copy the list of erasures %s to where the copies of the backups are.") % listed.place()])

    def preview(self, found: ErasurePlan) -> None:
        for label, rows, events in found.tables():
            params = {"table": label, "rows": rows, "events": events}
            self.stdout.write(_("%(table)s: %(rows)d rows, %(events)d entries of the history") % params)
        self.tell(losses(found))
        for place, hit in enumerate(found.uncertain, 1):
            self.stdout.write(f"{place:3}  {uncertain_label(hit)}")
        for work in found.by_hand:
            self.stdout.write(_("To be looked at by hand: %(what)s") % {"what": phrases([work.label, work.text])})

    def answer(self, question: str) -> str:
        self.stdout.write(question, ending="")
        self.stdout.flush()
        try:
            return input().strip()
        except EOFError:
            raise CommandError(_("It asks, and got no answer. Nothing was changed."), returncode=USAGE) from None

    def picked(self, question: str, rows: list[Any]) -> list[Any]:
        typed = self.answer(question).replace("，", ",").split(",")
        numbers = [one.strip() for one in typed if one.strip()]
        if not all(one.isdecimal() and 0 < int(one) <= len(rows) for one in numbers):
            raise CommandError(_("These are no numbers of the list, and nothing was changed."), returncode=USAGE)
        return [rows[int(one) - 1] for one in numbers]

    def tell(self, lines: list[str]) -> None:
        for line in lines:
            self.stdout.write(line)
