from alliance.council.imports.command import CouncilImportCommand
from alliance.council.imports.terms import TermImport


class Command(CouncilImportCommand):
    help = "Import terms of the council of one alliance from a CSV or XLSX file. A trial without --apply."
    kind = TermImport
