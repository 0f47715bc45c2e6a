from alliance.council.imports.command import CouncilImportCommand
from alliance.council.imports.groups import GroupImport


class Command(CouncilImportCommand):
    help = "Import groups of one alliance from a CSV or XLSX file. A trial without --apply."
    kind = GroupImport
