from django.db import migrations

from workflow.operations import append_only


class Migration(migrations.Migration):
    dependencies = [("samples", "0001_samples")]

    operations = [append_only("samples_movement")]
