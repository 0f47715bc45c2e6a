from alliance.council.imports.command import CouncilImportCommand
from alliance.meetings.imports.decisions import DecisionImport


class Command(CouncilImportCommand):
    help = "Import decisions of the meetings of one alliance from a CSV or XLSX file. A trial without --apply."
    kind = DecisionImport
