"""Proposals of awards, what officers change in them, and which one was recorded: all of it written once."""

from typing import Any

import django.db.models.deletion
import django.utils.timezone
from django.conf import settings
from django.db import migrations, models

from workflow.operations import append_only

USER = settings.AUTH_USER_MODEL
OUTCOMES = [("approved", "Approved"), ("reduced", "Approved with less"), ("reserve", "In reserve"), ("declined", "Declined")]


def key() -> tuple[str, models.Field[Any, Any]]:
    return ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID"))


def person() -> models.Field[Any, Any]:
    return models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="+", to=USER)


class Migration(migrations.Migration):
    dependencies = [
        migrations.swappable_dependency(USER),
        ("applications", "0011_list_of_a_round"),
        ("rounds", "0006_rules"),
        ("reviews", "0008_announcement_stops"),
    ]

    operations = [
        migrations.CreateModel(
            name="AwardPlan",
            fields=[
                key(),
                ("made_at", models.DateTimeField(default=django.utils.timezone.now, verbose_name="made")),
                ("steepness", models.PositiveIntegerField(default=10)),
                ("cases", models.JSONField(default=list)),
                ("requests", models.JSONField(default=list)),
                ("problem", models.JSONField(default=dict)),
                ("masses", models.JSONField(default=list)),
                ("by_rank", models.JSONField(default=list)),
                ("reasons", models.JSONField(default=dict)),
                ("unranked", models.PositiveIntegerField(default=0)),
                ("objective", models.BigIntegerField()),
                ("by_rank_objective", models.BigIntegerField()),
                ("bound", models.BigIntegerField()),
                ("milliseconds", models.PositiveIntegerField()),
                ("is_cut_short", models.BooleanField(default=False)),
                ("input_digest", models.CharField(max_length=64)),
                ("answer_digest", models.CharField(max_length=64)),
                ("made_by", person()),
                (
                    "round",
                    models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="award_plans", to="rounds.round"),
                ),
            ],
            options={"abstract": False},
        ),
        migrations.CreateModel(
            name="AwardChange",
            fields=[
                key(),
                ("outcome", models.CharField(choices=OUTCOMES, max_length=20, verbose_name="outcome")),
                ("mass_ug", models.BigIntegerField(default=0, verbose_name="mass in micrograms")),
                ("reason", models.TextField(verbose_name="reason")),
                ("at", models.DateTimeField(default=django.utils.timezone.now, verbose_name="at")),
                ("by", person()),
                (
                    "plan",
                    models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="award_changes", to="reviews.awardplan"),
                ),
                (
                    "request",
                    models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="+", to="applications.request"),
                ),
            ],
            options={
                "constraints": [
                    models.CheckConstraint(condition=~models.Q(("reason", "")), name="award_change_says_why"),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("mass_ug__gt", 0), ("outcome__in", ("approved", "reduced"))),
                            models.Q(("mass_ug", 0), ("outcome__in", ("reserve", "declined"))),
                            _connector="OR",
                        ),
                        name="award_change_has_mass_only_if_granted",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="AwardPlanTaking",
            fields=[
                key(),
                ("at", models.DateTimeField(default=django.utils.timezone.now, verbose_name="at")),
                ("by", person()),
                (
                    "plan",
                    models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, related_name="taking", to="reviews.awardplan"),
                ),
            ],
            options={"abstract": False},
        ),
        append_only("reviews_awardplan"),
        append_only("reviews_awardchange"),
        append_only("reviews_awardplantaking"),
    ]
