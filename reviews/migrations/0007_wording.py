"""The words of a version as numbers, for the matching of experts: a memory that can be made again."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("applications", "0009_kept_files"), ("reviews", "0006_explained_ties")]

    operations = [
        migrations.CreateModel(
            name="Wording",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("method", models.PositiveSmallIntegerField()),
                ("numbers", models.BinaryField()),
                (
                    "version",
                    models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, related_name="wording", to="applications.version"),
                ),
            ],
        ),
    ]
