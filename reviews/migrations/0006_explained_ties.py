"""An explanation says which ties it is about: one that is found later was never explained."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = (("reviews", "0005_hearing_and_votes"),)

    operations = (migrations.AddField("conflict", "about", models.CharField(blank=True, default="", max_length=100)),)
