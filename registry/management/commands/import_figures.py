from typing import Any

from registry.imports.command import ImportCommand
from registry.imports.engine import Import
from registry.imports.figures import FiguresImport


class Command(ImportCommand):
    help = (
        "Import annual figures of organizations that the registry has. Without --apply it only tells what would happen."
    )

    def make_import(self, **options: Any) -> Import:
        return FiguresImport(progress=options["progress"])
