from alliance.council.imports.command import CouncilImportCommand
from alliance.meetings.imports.meetings import MeetingImport


class Command(CouncilImportCommand):
    help = "Import meetings of the bodies of one alliance from a CSV or XLSX file. A trial without --apply."
    kind = MeetingImport
