"""The office's lists walk down a round by reference and stop after a page."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("applications", "0010_drawn_pages")]

    operations = [migrations.AddIndex(model_name="application", index=models.Index(fields=["round", "-reference"], name="application_round_list"))]
