"""A promotion may go beyond a rule of its round, with a reason that stays."""

import django.db.models.deletion
from django.db import migrations, models

from workflow.operations import append_only


class Migration(migrations.Migration):
    dependencies = [
        ("loans", "0002_written_once"),
        ("rounds", "0006_rules"),
    ]

    operations = [
        migrations.CreateModel(
            name="PromotionOverruling",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("number", models.CharField(blank=True, max_length=40, verbose_name="sample")),
                ("found_en", models.CharField(max_length=300, verbose_name="what was found, in English")),
                ("found_zh", models.CharField(max_length=300, verbose_name="what was found, in Chinese")),
                ("reason", models.TextField(verbose_name="reason")),
                ("promotion", models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="overrulings", to="loans.promotion")),
                ("rule", models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="+", to="rounds.rule")),
            ],
            options={
                "ordering": ("pk",),
                "constraints": [
                    models.UniqueConstraint(fields=("promotion", "rule", "number"), name="rule_overruled_once_in_a_promotion"),
                    models.CheckConstraint(condition=models.Q(("reason", ""), _negated=True), name="promotion_overruling_has_its_reason"),
                ],
            },
        ),
        append_only("loans_promotionoverruling"),
    ]
