import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    """Index tables get their names in Python; their tables, indexes and triggers keep theirs."""

    dependencies = [
        ("registry", "0001_initial"),
    ]

    operations = [
        *(
            migrations.AlterModelTable(name=name, table=f"registry_{name.lower()}")
            for name in ("CountEntry", "SectorEntry", "SearchEntry")
        ),
        migrations.RenameModel("CountEntry", "OrganizationIndex"),
        migrations.RenameModel("SectorEntry", "SectorIndex"),
        migrations.RenameModel("SearchEntry", "SearchIndex"),
        migrations.AlterField(
            model_name="organizationindex",
            name="organization",
            field=models.OneToOneField(db_constraint=False, editable=False, on_delete=django.db.models.deletion.DO_NOTHING, primary_key=True, related_name="organization_index", serialize=False, to="registry.organization"),
        ),
        migrations.AlterField(
            model_name="searchindex",
            name="organization",
            field=models.OneToOneField(db_constraint=False, editable=False, on_delete=django.db.models.deletion.DO_NOTHING, primary_key=True, related_name="search_index", serialize=False, to="registry.organization"),
        ),
        migrations.AlterField(
            model_name="sectorindex",
            name="organization",
            field=models.ForeignKey(db_constraint=False, db_index=False, editable=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name="sector_index", to="registry.organization"),
        ),
        migrations.AlterField(
            model_name="sectorindex",
            name="sector",
            field=models.ForeignKey(db_constraint=False, db_index=False, editable=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name="sector_index", to="registry.sector"),
        ),
        migrations.AddIndex(
            model_name="organizationindex",
            index=models.Index(fields=["township"], include=["organization", "kind", "registration_status", "published", "profile", "sectors"], name="count_entry_township"),
        ),
    ]
