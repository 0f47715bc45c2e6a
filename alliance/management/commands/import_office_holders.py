from alliance.council.imports.command import CouncilImportCommand
from alliance.council.imports.office_holders import OfficeHolderImport


class Command(CouncilImportCommand):
    help = "Import office holders of one alliance from a CSV or XLSX file. A trial without --apply."
    kind = OfficeHolderImport
