"""Slides of a hearing are kept as they were handed in; attendances remember who was invited; decisions freeze the share they were measured by."""

import django.db.models.deletion
import django.utils.timezone
from django.conf import settings
from django.db import migrations, models
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.migrations.state import StateApps

from workflow.operations import append_only


def freeze_the_share(apps: StateApps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    decision_model = apps.get_model("reviews", "Decision")
    for decision in decision_model.objects.filter(vote_numerator__isnull=True).select_related("application__round"):
        round = decision.application.round
        decision.vote_numerator, decision.vote_denominator = round.vote_numerator, round.vote_denominator
        decision.save(update_fields=("vote_numerator", "vote_denominator"))


class Migration(migrations.Migration):
    dependencies = [
        ("applications", "0009_kept_files"),
        ("reviews", "0004_committee_written_once"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="Deck",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("name", models.CharField(max_length=200, verbose_name="name")),
                ("at", models.DateTimeField(default=django.utils.timezone.now, verbose_name="at")),
                ("by", models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL)),
                ("slot", models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="decks", to="reviews.slot")),
                ("upload", models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="decks", to="applications.upload")),
            ],
            options={
                "ordering": ("pk",),
                "constraints": [models.UniqueConstraint(fields=("slot", "upload"), name="a_deck_is_handed_in_once")],
            },
        ),
        append_only("reviews_deck"),
        migrations.AddField(
            "attendance",
            "is_invited",
            models.BooleanField(default=False, verbose_name="invited for particular applications"),
        ),
        migrations.RunPython(freeze_the_share, migrations.RunPython.noop),
    ]
