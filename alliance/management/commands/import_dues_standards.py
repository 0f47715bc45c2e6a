from alliance.council.imports.command import CouncilImportCommand
from alliance.dues.imports.standards import StandardImport


class Command(CouncilImportCommand):
    help = "Import the dues standards of one alliance with their classes, CSV or XLSX. A trial without --apply."
    kind = StandardImport
