"""An announcement can be stopped in the middle and go on; its status is known to the database."""

from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("reviews", "0007_wording"),
        ("rounds", "0005_reviews_of_a_round"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.RemoveConstraint(
            model_name="announcement",
            name="one_announcement_at_a_time",
        ),
        migrations.AlterField(
            model_name="announcement",
            name="status",
            field=models.CharField(
                choices=[
                    ("scheduled", "Confirmed, can be recalled"),
                    ("running", "Being announced"),
                    ("done", "Announced"),
                    ("recalled", "Recalled"),
                    ("stopped", "Stopped"),
                ],
                default="scheduled",
                max_length=20,
                verbose_name="status",
            ),
        ),
        migrations.AddConstraint(
            model_name="announcement",
            constraint=models.UniqueConstraint(
                condition=models.Q(("status__in", ("scheduled", "running", "stopped"))), fields=("round", "by"), name="one_announcement_at_a_time"
            ),
        ),
        migrations.AddConstraint(
            model_name="announcement",
            constraint=models.CheckConstraint(
                condition=models.Q(("status__in", ["scheduled", "running", "done", "recalled", "stopped"])), name="announcement_status_known"
            ),
        ),
    ]
