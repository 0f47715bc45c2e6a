from alliance.council.imports.command import CouncilImportCommand
from alliance.dues.imports.payments import PaymentImport


class Command(CouncilImportCommand):
    help = "Import payments of dues to one alliance from the bank's list, CSV or XLSX. A trial without --apply."
    kind = PaymentImport
