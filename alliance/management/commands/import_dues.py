from alliance.council.imports.command import CouncilImportCommand
from alliance.dues.imports.dues import DueImport


class Command(CouncilImportCommand):
    help = "Import what the members of one alliance owe for a year, CSV or XLSX. A trial without --apply."
    kind = DueImport
