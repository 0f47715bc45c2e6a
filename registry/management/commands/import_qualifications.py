from typing import Any

from registry.imports.command import ImportCommand
from registry.imports.pipeline.engine import Import
from registry.imports.tables.qualifications import QualificationImport


class Command(ImportCommand):
    help = (
        "Import qualifications of organizations that the registry has. Without --apply it only tells what would happen."
    )

    def make_import(self, **options: Any) -> Import:
        return QualificationImport(progress=options["progress"])
