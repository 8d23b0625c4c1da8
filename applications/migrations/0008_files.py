"""Attached files: a state for installations without a virus scanner, and files and their use are written once."""

from django.conf import settings
from django.db import migrations, models

from workflow.operations import frozen_with, written_once


class Migration(migrations.Migration):
    dependencies = [
        ("applications", "0007_demand"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.RemoveConstraint(model_name="upload", name="scan_is_known"),
        migrations.AlterField(
            model_name="upload",
            name="scan",
            field=models.CharField(
                choices=[
                    ("waiting", "Waiting for the virus check"),
                    ("clean", "No virus found"),
                    ("infected", "Virus found"),
                    ("none", "Not checked for viruses"),
                ],
                default="waiting",
                max_length=10,
                verbose_name="virus check",
            ),
        ),
        migrations.AddIndex(model_name="upload", index=models.Index(fields=["by", "-at"], name="uploads_of_a_person")),
        migrations.AddConstraint(
            model_name="upload",
            constraint=models.CheckConstraint(
                condition=models.Q(("scan__in", ["waiting", "clean", "infected", "none"])),
                name="scan_is_known",
            ),
        ),
        frozen_with("applications_attachment", "version_id", "applications_version", "submitted_at IS NOT NULL"),
        written_once("applications_upload", ("stored", "digest", "size", "pages", "cleaned", "cleaned_digest", "removed", "by_id", "at")),
    ]
