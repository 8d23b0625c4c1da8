"""A file that is handed in for something else than a version is kept."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("applications", "0008_files")]

    operations = [migrations.AddField("upload", "kept_at", models.DateTimeField(blank=True, null=True))]
