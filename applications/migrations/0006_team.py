"""Mails to a team are counted, and a hand-over takes the yes of the new applicant and, where asked for, of the signatory."""

import django.db.models.deletion
import django.utils.timezone
from django.conf import settings
from django.db import migrations, models

from workflow.operations import append_only


class Migration(migrations.Migration):
    dependencies = [
        ("applications", "0005_read_answers"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="TeamMail",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("what", models.CharField(choices=[("invitation", "Invitation"), ("endorsement", "Wish for the endorsement")], max_length=20)),
                ("on", models.DateField(verbose_name="day in Beijing")),
                ("number", models.PositiveSmallIntegerField()),
                ("digest", models.CharField(blank=True, max_length=64)),
                ("at", models.DateTimeField(default=django.utils.timezone.now)),
            ],
            options={
                "ordering": ("pk",),
            },
        ),
        migrations.AddField(
            model_name="handover",
            name="accepted_at",
            field=models.DateTimeField(blank=True, null=True, verbose_name="agreed"),
        ),
        migrations.AddField(
            model_name="handover",
            name="consented_at",
            field=models.DateTimeField(blank=True, null=True, verbose_name="consented"),
        ),
        migrations.AddField(
            model_name="handover",
            name="consented_by",
            field=models.ForeignKey(
                blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
            ),
        ),
        migrations.AddConstraint(
            model_name="handover",
            constraint=models.CheckConstraint(
                condition=models.Q(("is_agreed", False), models.Q(("accepted_at__isnull", False), ("answered_at__isnull", False)), _connector="OR"),
                name="a_hand_over_needs_the_new_applicant",
            ),
        ),
        migrations.AddField(
            model_name="teammail",
            name="by",
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddField(
            model_name="teammail",
            name="member",
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="mails", to="applications.member"),
        ),
        migrations.AddConstraint(
            model_name="teammail",
            constraint=models.UniqueConstraint(fields=("by", "what", "on", "number"), name="mails_to_a_team_are_numbered"),
        ),
        migrations.AddConstraint(
            model_name="teammail",
            constraint=models.UniqueConstraint(
                condition=models.Q(("digest", ""), _negated=True), fields=("member", "on", "digest"), name="asked_once_a_day_for_the_same_answers"
            ),
        ),
        migrations.AddConstraint(
            model_name="teammail",
            constraint=models.CheckConstraint(condition=models.Q(("number__gte", 1), ("number__lte", 20)), name="mails_to_a_team_are_few"),
        ),
        append_only("applications_teammail"),
    ]
