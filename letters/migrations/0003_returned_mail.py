"""A mail knows the person it is for, and whether it came back."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("letters", "0002_mail_rung_at"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AddField(
            model_name="mail",
            name="user",
            field=models.ForeignKey(
                blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
            ),
        ),
        migrations.AddField(model_name="mail", name="bounced_at", field=models.DateTimeField(blank=True, null=True, verbose_name="came back")),
        migrations.RunSQL(
            "UPDATE letters_mail SET user_id = (SELECT id FROM accounts_user WHERE accounts_user.email = letters_mail.recipient)",
            migrations.RunSQL.noop,
        ),
        migrations.AddConstraint(
            model_name="mail",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("bounced_at__isnull", True), models.Q(("state", "sent"), models.Q(("problem", ""), _negated=True)), _connector="OR"
                ),
                name="only_a_sent_mail_comes_back",
            ),
        ),
    ]
