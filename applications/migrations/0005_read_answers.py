"""The office notes that it has read an answer to its question."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models
from django.db.models import Q


class Migration(migrations.Migration):
    dependencies = [
        ("applications", "0004_written_once_again"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AddField(
            model_name="enquiry", name="read_at", field=models.DateTimeField(blank=True, null=True, verbose_name="read by the office")
        ),
        migrations.AddField(
            model_name="enquiry",
            name="read_by",
            field=models.ForeignKey(
                blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
            ),
        ),
        migrations.AddConstraint(
            model_name="enquiry",
            constraint=models.CheckConstraint(
                condition=Q(read_at__isnull=True) | Q(answered_at__isnull=False, read_by__isnull=False), name="what_is_read_was_answered"
            ),
        ),
    ]
