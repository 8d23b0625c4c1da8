"""How much is asked for, counted once an hour."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("applications", "0006_team"),
        ("rounds", "0004_endorsement"),
    ]

    operations = [
        migrations.CreateModel(
            name="Demand",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("hour", models.DateTimeField(verbose_name="hour")),
                ("half_steps", models.JSONField(default=dict)),
                ("round", models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name="demands", to="rounds.round")),
            ],
            options={
                "constraints": [models.UniqueConstraint(fields=("round", "hour"), name="demand_is_counted_once_an_hour")],
            },
        ),
    ]
