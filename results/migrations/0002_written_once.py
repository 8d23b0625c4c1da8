"""What was published stays as it was published."""

from django.db import migrations

from workflow.operations import append_only


class Migration(migrations.Migration):
    dependencies = [("results", "0001_result_lists")]

    operations = [
        append_only("results_resultlist"),
        append_only("results_resultrow"),
    ]
