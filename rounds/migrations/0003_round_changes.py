"""Who changed what in a round, and a count that tells an older tab apart."""

import django.db.models.deletion
import django.utils.timezone
from django.conf import settings
from django.db import migrations, models

from workflow.operations import append_only


class Migration(migrations.Migration):
    dependencies = [
        ("rounds", "0002_written_once"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AddField("round", "revision", models.PositiveIntegerField(default=0, editable=False)),
        migrations.CreateModel(
            name="RoundChange",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "what",
                    models.CharField(
                        choices=[("prepared", "Prepared"), ("revised", "Revised"), ("extended", "Extended")],
                        max_length=20,
                        verbose_name="what happened",
                    ),
                ),
                ("changes", models.JSONField(default=dict, verbose_name="changes")),
                ("at", models.DateTimeField(default=django.utils.timezone.now, verbose_name="at")),
                (
                    "by",
                    models.ForeignKey(
                        null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL, verbose_name="by"
                    ),
                ),
                ("round", models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="changes", to="rounds.round")),
            ],
            options={"ordering": ("at", "pk")},
        ),
        append_only("rounds_roundchange"),
    ]
