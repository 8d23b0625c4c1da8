"""Daily roots over every history; both tables only grow."""

import django.db.models.deletion
from django.db import migrations, models

from workflow.operations import append_only


class Migration(migrations.Migration):
    initial = True

    dependencies = ()

    operations = [
        migrations.CreateModel(
            name="HistoryRoot",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("day", models.DateField(unique=True)),
                ("previous", models.CharField(max_length=64)),
                ("tree", models.CharField(max_length=64)),
                ("root", models.CharField(max_length=64, unique=True)),
                ("secret", models.CharField(max_length=64)),
                ("made_at", models.DateTimeField()),
            ],
            options={"ordering": ("day",)},
        ),
        migrations.CreateModel(
            name="HistoryLeaf",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("kind", models.CharField(max_length=60)),
                ("change_id", models.BigIntegerField()),
                ("digest", models.CharField(max_length=64)),
                ("path", models.JSONField()),
                ("root", models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="leaves", to="desk.historyroot")),
            ],
            options={
                "ordering": ("pk",),
                "constraints": (models.UniqueConstraint(fields=("kind", "change_id"), name="event_under_one_root"),),
            },
        ),
        append_only("desk_historyroot"),
        append_only("desk_historyleaf"),
    ]
