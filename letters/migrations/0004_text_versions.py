"""The office words the letters: versions that are written once."""

import django.db.models.deletion
import django.utils.timezone
from django.conf import settings
from django.db import migrations, models

from workflow.operations import append_only


class Migration(migrations.Migration):
    dependencies = [
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
        ("letters", "0003_returned_mail"),
    ]

    operations = [
        migrations.CreateModel(
            name="TextVersion",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("kind", models.CharField(max_length=30, verbose_name="kind")),
                ("number", models.PositiveIntegerField(verbose_name="version")),
                ("title_en", models.CharField(max_length=300, verbose_name="title in English")),
                ("title_zh", models.CharField(max_length=300, verbose_name="title in Chinese")),
                ("opening_en", models.TextField(verbose_name="text before the facts in English")),
                ("opening_zh", models.TextField(verbose_name="text before the facts in Chinese")),
                ("closing_en", models.TextField(blank=True, verbose_name="text after the facts in English")),
                ("closing_zh", models.TextField(blank=True, verbose_name="text after the facts in Chinese")),
                ("restores", models.PositiveIntegerField(blank=True, null=True, verbose_name="version that was restored")),
                ("at", models.DateTimeField(default=django.utils.timezone.now, verbose_name="written")),
                (
                    "by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="written by",
                    ),
                ),
            ],
            options={
                "verbose_name": "version of a letter text",
                "verbose_name_plural": "versions of letter texts",
                "constraints": [
                    models.UniqueConstraint(fields=("kind", "number"), name="text_version_numbered_once"),
                    models.CheckConstraint(condition=models.Q(("number__gt", 0)), name="text_versions_count_from_one"),
                ],
            },
        ),
        append_only("letters_textversion"),
    ]
