from alliance.council.imports.command import CouncilImportCommand
from alliance.council.imports.seats import SeatImport


class Command(CouncilImportCommand):
    help = "Import seats in the groups of one alliance from a CSV or XLSX file. A trial without --apply."
    kind = SeatImport
