"""Lists that are published at a set instant, and the figures that are frozen with a version."""

import django.db.models.deletion
import django.utils.timezone
from django.conf import settings
from django.db import migrations, models

from workflow.operations import append_only


class Migration(migrations.Migration):
    dependencies = [
        ("results", "0002_written_once"),
        ("rounds", "0005_reviews_of_a_round"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="Figures",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("content", models.JSONField()),
                ("result_list", models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, related_name="figures", to="results.resultlist")),
            ],
            options={
                "abstract": False,
            },
        ),
        migrations.CreateModel(
            name="Publication",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("version", models.PositiveIntegerField(default=0, editable=False)),
                ("history_head", models.CharField(blank=True, default="", editable=False, max_length=64)),
                (
                    "status",
                    models.CharField(
                        choices=[("set", "Set, can be recalled"), ("published", "Published"), ("recalled", "Recalled"), ("refused", "Not published")],
                        default="set",
                        max_length=20,
                        verbose_name="status",
                    ),
                ),
                ("publishes_at", models.DateTimeField(verbose_name="publishes")),
                ("digest", models.CharField(max_length=64, verbose_name="digest of the rows")),
                ("note_en", models.TextField(blank=True, verbose_name="note in English")),
                ("note_zh", models.TextField(blank=True, verbose_name="note in Chinese")),
                ("problem", models.CharField(blank=True, max_length=20, verbose_name="why it was not published")),
                ("set_at", models.DateTimeField(default=django.utils.timezone.now, verbose_name="set")),
                ("by", models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL)),
                ("round", models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="publications", to="rounds.round")),
            ],
            options={
                "verbose_name": "publication",
                "verbose_name_plural": "publications",
            },
        ),
        migrations.CreateModel(
            name="PublicationChange",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("sequence", models.PositiveIntegerField(verbose_name="sequence")),
                ("move", models.CharField(max_length=40, verbose_name="move")),
                ("from_status", models.CharField(blank=True, max_length=20, verbose_name="from")),
                ("to_status", models.CharField(max_length=20, verbose_name="to")),
                ("at", models.DateTimeField(verbose_name="at")),
                ("note", models.TextField(blank=True, verbose_name="note")),
                ("previous", models.CharField(blank=True, max_length=64)),
                ("digest", models.CharField(max_length=64)),
                (
                    "by",
                    models.ForeignKey(
                        null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL, verbose_name="by"
                    ),
                ),
                ("record", models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="history", to="results.publication")),
            ],
            options={
                "ordering": ("record_id", "sequence"),
                "abstract": False,
            },
        ),
        migrations.AddConstraint(
            model_name="publication",
            constraint=models.UniqueConstraint(condition=models.Q(("status", "set")), fields=("round",), name="one_publication_is_set"),
        ),
        migrations.AddConstraint(
            model_name="publication",
            constraint=models.CheckConstraint(
                condition=models.Q(("status__in", ["set", "published", "recalled", "refused"])), name="publication_status_known"
            ),
        ),
        migrations.AddConstraint(
            model_name="publication",
            constraint=models.CheckConstraint(
                condition=models.Q(models.Q(("status", "refused"), _negated=True), models.Q(("problem", ""), _negated=True), _connector="OR"),
                name="refused_publication_says_why",
            ),
        ),
        migrations.AddConstraint(
            model_name="publicationchange",
            constraint=models.UniqueConstraint(fields=("record", "sequence"), name="publication_history_without_gap"),
        ),
        append_only("results_publicationchange"),
        append_only("results_figures"),
    ]
