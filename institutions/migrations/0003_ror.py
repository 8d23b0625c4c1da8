"""What ROR says of institutions, and how far its file was read."""

import django.db.models.deletion
import django.utils.timezone
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("institutions", "0002_countries"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="MailDomain",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("domain", models.CharField(db_index=True, max_length=253, verbose_name="domain")),
            ],
        ),
        migrations.CreateModel(
            name="RorLoad",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("digest", models.CharField(max_length=64, unique=True, verbose_name="SHA-256")),
                ("file_name", models.CharField(max_length=255, verbose_name="file")),
                ("done", models.PositiveIntegerField(default=0, verbose_name="organisations read")),
                ("added", models.PositiveIntegerField(default=0, verbose_name="added")),
                ("changed", models.PositiveIntegerField(default=0, verbose_name="changed")),
                ("not_offered", models.PositiveIntegerField(default=0, verbose_name="closed or withdrawn")),
                ("refused", models.PositiveIntegerField(default=0, verbose_name="refused")),
                ("started_at", models.DateTimeField(default=django.utils.timezone.now, verbose_name="started")),
                ("finished_at", models.DateTimeField(null=True, verbose_name="finished")),
            ],
            options={
                "verbose_name": "file of ROR",
                "verbose_name_plural": "files of ROR",
                "ordering": ("-started_at", "-pk"),
            },
        ),
        migrations.CreateModel(
            name="RorParent",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("parent_ror_id", models.CharField(db_index=True, max_length=40, verbose_name="ROR id of the parent")),
            ],
        ),
        migrations.AddField(
            model_name="institution",
            name="is_as_in_ror",
            field=models.BooleanField(default=False, verbose_name="named as in ROR"),
        ),
        migrations.AddField(
            model_name="institution",
            name="ror_status",
            field=models.CharField(
                blank=True,
                choices=[("active", "Active"), ("inactive", "Closed"), ("withdrawn", "Withdrawn, entered in error")],
                max_length=10,
                verbose_name="status in ROR",
            ),
        ),
        migrations.AddField(
            model_name="institution",
            name="website",
            field=models.URLField(blank=True, max_length=500, verbose_name="website"),
        ),
        migrations.AddField(
            model_name="institution",
            name="words",
            field=models.TextField(blank=True, editable=False),
        ),
        migrations.AddIndex(
            model_name="institution",
            index=models.Index(condition=models.Q(("is_verified", True)), fields=["name_en", "id"], name="verified_institutions_by_name"),
        ),
        migrations.AddIndex(
            model_name="institution",
            index=models.Index(
                condition=models.Q(("is_as_in_ror", False), ("is_verified", False), ("merged_into", None)),
                fields=["name_en", "id"],
                name="institutions_to_be_checked",
            ),
        ),
        migrations.AddField(
            model_name="maildomain",
            name="institution",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE, related_name="mail_domains", to="institutions.institution", verbose_name="institution"
            ),
        ),
        migrations.AddField(
            model_name="rorparent",
            name="institution",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE, related_name="ror_parents", to="institutions.institution", verbose_name="institution"
            ),
        ),
        migrations.AddConstraint(
            model_name="maildomain",
            constraint=models.UniqueConstraint(fields=("institution", "domain"), name="one_domain_per_institution_and_name"),
        ),
        migrations.AddConstraint(
            model_name="rorparent",
            constraint=models.UniqueConstraint(fields=("institution", "parent_ror_id"), name="one_parent_per_institution_and_ror_id"),
        ),
    ]
