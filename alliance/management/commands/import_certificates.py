from alliance.certificates.imports.certificates import CertificateImport
from alliance.council.imports.command import CouncilImportCommand


class Command(CouncilImportCommand):
    help = "Import certificates of members of one alliance from a CSV or XLSX file. A trial without --apply."
    kind = CertificateImport
