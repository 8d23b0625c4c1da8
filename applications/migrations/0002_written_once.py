"""History, receipts and handed-in versions are written once."""

from django.db import migrations

from workflow.operations import append_only


class Migration(migrations.Migration):
    dependencies = [("applications", "0001_applications")]

    operations = [
        append_only("applications_applicationchange"),
        append_only("applications_receipt"),
        append_only("applications_version", once="OLD.submitted_at IS NOT NULL"),
    ]
