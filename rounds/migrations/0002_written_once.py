"""An extension is never taken back in silence."""

from django.db import migrations

from workflow.operations import append_only


class Migration(migrations.Migration):
    dependencies = [("rounds", "0001_rounds")]

    operations = [
        append_only("rounds_extension"),
    ]
