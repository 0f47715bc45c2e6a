"""`python -m bench.peer FILE ROWS`: the first rows of the file by django-import-export, as its documentation does it.

Organizations with their townships and sectors, found by name; run with DATABASE_URL naming an empty registry.
"""

import csv
import itertools
import os
import sys
from typing import Any

import django


def main(path: str, count: int) -> None:
    os.environ["DJANGO_SETTINGS_MODULE"] = "config.settings"
    django.setup()
    import tablib
    from import_export import fields, resources, widgets

    from registry.models import Kind, Organization, RegistrationStatus, Sector, SectorTag, Township, Zone
    from registry.values.pinyin import pinyin_key

    kinds = {str(label): code for code, label in Kind.choices}
    statuses = {str(label): code for code, label in RegistrationStatus.choices}

    class OrganizationResource(resources.ModelResource):
        township = fields.Field("township", "township", widgets.ForeignKeyWidget(Township, "name_zh"))
        zone = fields.Field("zone", "zone", widgets.ForeignKeyWidget(Zone, "name_zh"))

        class Meta:
            model = Organization
            import_id_fields = ["name_zh"]
            fields = [
                "name_zh", "name_en", "short_name", "kind", "uscc", "registration_status", "registration_type",
                "registered_address", "website", "founded_on", "industry", "main_products", "scope", "source",
            ]  # fmt: skip

        def before_import_row(self, row: Any, **kwargs: Any) -> None:
            row["kind"] = kinds[row["kind"]]
            row["registration_status"] = statuses[row["registration_status"]]

        def before_save_instance(self, instance: Any, row: Any, **kwargs: Any) -> None:
            instance.pinyin, instance.uscc = pinyin_key(instance.name_zh), instance.uscc or None

        def after_save_instance(self, instance: Any, row: Any, **kwargs: Any) -> None:
            for position, name in enumerate(filter(None, row["sectors"].split(";"))):
                sector = Sector.objects.get(plan__current=True, name_zh=name)
                SectorTag.objects.get_or_create(
                    organization=instance, plan=sector.plan, sector=sector, defaults={"is_primary": position == 0}
                )

    from .importfiles import NAMES

    with open(path, encoding="utf-8-sig", newline="") as file:
        rows = list(itertools.islice(csv.reader(file), 1, count + 1))
    data = tablib.Dataset(*rows, headers=NAMES)
    OrganizationResource().import_data(data, dry_run=False, raise_errors=True)
    done = Organization.objects.count(), SectorTag.objects.count()
    if done[0] != len(rows) or done[1] < len(rows):
        raise SystemExit(f"django-import-export took {done[0]} of {len(rows)} rows.")


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]))
