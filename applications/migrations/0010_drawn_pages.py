"""The pages of attached files as pictures, and how far the worker is with drawing them."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

from workflow.operations import written_once


class Migration(migrations.Migration):
    dependencies = [
        ("applications", "0009_kept_files"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AddField(
            model_name="upload",
            name="drawing",
            field=models.CharField(
                choices=[
                    ("queued", "Waiting to be drawn"),
                    ("running", "Being drawn"),
                    ("done", "Drawn"),
                    ("failed", "Cannot be shown as pages"),
                ],
                default="queued",
                max_length=10,
                verbose_name="pages as pictures",
            ),
        ),
        migrations.AddField(model_name="upload", name="drawing_until", field=models.DateTimeField(blank=True, null=True)),
        migrations.AddField(model_name="upload", name="drawing_attempts", field=models.PositiveSmallIntegerField(default=0)),
        migrations.AddField(model_name="upload", name="drawing_rung_at", field=models.DateTimeField(blank=True, null=True)),
        migrations.AddConstraint(
            model_name="upload",
            constraint=models.CheckConstraint(condition=models.Q(("drawing__in", ["queued", "running", "done", "failed"])), name="drawing_is_known"),
        ),
        migrations.AddIndex(
            model_name="upload",
            index=models.Index(condition=models.Q(("drawing__in", ("queued", "running"))), fields=["id"], name="uploads_to_draw"),
        ),
        migrations.CreateModel(
            name="DrawnPage",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("number", models.PositiveSmallIntegerField(verbose_name="page")),
                ("stored", models.CharField(max_length=80, unique=True)),
                ("digest", models.CharField(max_length=64, verbose_name="digest")),
                ("width", models.PositiveSmallIntegerField(verbose_name="width in pixels")),
                ("height", models.PositiveSmallIntegerField(verbose_name="height in pixels")),
                ("text", models.TextField(blank=True, verbose_name="text")),
                (
                    "upload",
                    models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name="drawn_pages", to="applications.upload"),
                ),
            ],
            options={"ordering": ("number",)},
        ),
        migrations.AddConstraint(
            model_name="drawnpage",
            constraint=models.UniqueConstraint(fields=("upload", "number"), name="a_page_is_drawn_once"),
        ),
        written_once("applications_upload", ("stored", "digest", "size", "pages", "cleaned", "cleaned_digest", "removed", "by_id", "at")),
    ]
