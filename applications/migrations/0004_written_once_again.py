"""Endorsements and reminders are written once, as are handed-in versions (SQLite forgot their trigger when the table grew)."""

from django.db import migrations

from workflow.operations import append_only


class Migration(migrations.Migration):
    dependencies = [("applications", "0003_whole_form")]

    operations = [
        append_only("applications_endorsement"),
        append_only("applications_reminder"),
        append_only("applications_version", once="OLD.submitted_at IS NOT NULL"),
    ]
