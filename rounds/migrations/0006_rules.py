"""The rules by which a round allots, as data, and the reasons why single decisions do not keep them."""

import django.db.models.deletion
import django.utils.timezone
from django.conf import settings
from django.db import migrations, models

from workflow.operations import append_only


class Migration(migrations.Migration):
    dependencies = [
        ("rounds", "0005_reviews_of_a_round"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="Rule",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("position", models.PositiveSmallIntegerField(default=0, verbose_name="position")),
                ("code", models.SlugField(max_length=40, verbose_name="id")),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("whole_pieces", "Whole pieces"),
                            ("keep_back_share", "Kept back of each sample, as a share"),
                            ("keep_back_mass", "Kept back of each sample, as a mass"),
                            ("share_of_left", "Largest share of what is left for one request"),
                            ("person_mass", "Largest mass for one person in the round"),
                            ("institution_mass", "Largest mass for one institution in the round"),
                            ("used_up_share", "Largest share that may be used up"),
                            ("used_up_mass", "Largest mass that may be used up"),
                        ],
                        max_length=20,
                        verbose_name="kind of rule",
                    ),
                ),
                (
                    "severity",
                    models.CharField(
                        choices=[("advice", "To bear in mind"), ("panel", "Needs the panel"), ("refused", "Not awarded")],
                        max_length=10,
                        verbose_name="what follows",
                    ),
                ),
                ("limit_ppm", models.PositiveIntegerField(blank=True, null=True, verbose_name="limit in parts per million")),
                ("limit_ug", models.PositiveBigIntegerField(blank=True, null=True, verbose_name="limit in micrograms")),
                (
                    "basis",
                    models.CharField(
                        choices=[("measures", "The Measures"), ("notice", "Published notice"), ("round", "Rule of this round")],
                        default="round",
                        max_length=10,
                        verbose_name="basis",
                    ),
                ),
                ("article", models.CharField(blank=True, max_length=20, verbose_name="article")),
                ("source", models.URLField(blank=True, max_length=300, verbose_name="source")),
                ("text_en", models.CharField(max_length=300, verbose_name="rule in English")),
                ("text_zh", models.CharField(max_length=300, verbose_name="rule in Chinese")),
                ("is_on", models.BooleanField(default=False, verbose_name="in force")),
                ("weighed", models.PositiveIntegerField(default=0, editable=False)),
                ("round", models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name="rules", to="rounds.round")),
            ],
            options={
                "verbose_name": "rule",
                "verbose_name_plural": "rules",
                "ordering": ("position", "pk"),
            },
        ),
        migrations.CreateModel(
            name="Overruling",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("reference", models.CharField(db_index=True, max_length=20, verbose_name="reference")),
                ("decision", models.PositiveSmallIntegerField(verbose_name="number of the decision")),
                ("number", models.CharField(blank=True, max_length=40, verbose_name="sample")),
                ("found_en", models.CharField(max_length=300, verbose_name="what was found, in English")),
                ("found_zh", models.CharField(max_length=300, verbose_name="what was found, in Chinese")),
                ("reason", models.TextField(verbose_name="reason")),
                ("at", models.DateTimeField(default=django.utils.timezone.now, verbose_name="at")),
                (
                    "by",
                    models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL, verbose_name="by"),
                ),
                ("rule", models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="overrulings", to="rounds.rule")),
            ],
            options={
                "verbose_name": "overruled rule",
                "verbose_name_plural": "overruled rules",
                "ordering": ("pk",),
            },
        ),
        migrations.AddConstraint(
            model_name="rule",
            constraint=models.UniqueConstraint(fields=("round", "code"), name="rule_has_its_own_id"),
        ),
        migrations.AddConstraint(
            model_name="rule",
            constraint=models.UniqueConstraint(fields=("round", "kind", "severity"), name="rule_stands_once"),
        ),
        migrations.AddConstraint(
            model_name="rule",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("basis__in", ["measures", "notice", "round"]),
                    (
                        "kind__in",
                        [
                            "whole_pieces",
                            "keep_back_share",
                            "keep_back_mass",
                            "share_of_left",
                            "person_mass",
                            "institution_mass",
                            "used_up_share",
                            "used_up_mass",
                        ],
                    ),
                    ("severity__in", ["advice", "panel", "refused"]),
                ),
                name="rule_known",
            ),
        ),
        migrations.AddConstraint(
            model_name="rule",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(
                        ("kind__in", ("keep_back_share", "share_of_left", "used_up_share")),
                        ("limit_ppm__gte", 1),
                        ("limit_ppm__isnull", False),
                        ("limit_ppm__lte", 1000000),
                        ("limit_ug__isnull", True),
                    ),
                    models.Q(
                        ("kind__in", ("keep_back_mass", "person_mass", "institution_mass", "used_up_mass")),
                        ("limit_ppm__isnull", True),
                        ("limit_ug__isnull", False),
                    ),
                    models.Q(("kind", "whole_pieces"), ("limit_ppm__isnull", True), ("limit_ug__isnull", True)),
                    _connector="OR",
                ),
                name="rule_has_the_limit_of_its_kind",
            ),
        ),
        migrations.AddConstraint(
            model_name="rule",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("basis", "measures"), models.Q(("article", ""), _negated=True)),
                    models.Q(("article", ""), ("basis", "notice"), models.Q(("source", ""), _negated=True)),
                    models.Q(("article", ""), ("basis", "round")),
                    _connector="OR",
                ),
                name="rule_names_its_source",
            ),
        ),
        migrations.AddConstraint(
            model_name="rule",
            constraint=models.CheckConstraint(
                condition=models.Q(("basis", "round"), ("is_on", True), _connector="OR"), name="rule_of_law_is_in_force"
            ),
        ),
        migrations.AddConstraint(
            model_name="rule",
            constraint=models.CheckConstraint(
                condition=models.Q(models.Q(("text_en", ""), _negated=True), models.Q(("text_zh", ""), _negated=True)),
                name="rule_is_said_in_both_languages",
            ),
        ),
        migrations.AddConstraint(
            model_name="overruling",
            constraint=models.UniqueConstraint(fields=("rule", "reference", "decision", "number"), name="rule_overruled_once_in_a_decision"),
        ),
        migrations.AddConstraint(
            model_name="overruling",
            constraint=models.CheckConstraint(
                condition=models.Q(models.Q(("reason", ""), _negated=True), models.Q(("reference", ""), _negated=True)),
                name="overruling_has_its_reason",
            ),
        ),
        append_only("rounds_overruling"),
    ]
