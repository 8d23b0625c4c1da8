"""Loan agreements, the table of working days, and promotions from the reserve."""

import django.db.models.deletion
import django.utils.timezone
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ("applications", "0012_signed"),
        ("reviews", "0007_wording"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="AgreementCounter",
            fields=[
                ("year", models.PositiveIntegerField(primary_key=True, serialize=False)),
                ("last", models.PositiveIntegerField(default=0)),
            ],
            options={
                "abstract": False,
            },
        ),
        migrations.CreateModel(
            name="Agreement",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("version", models.PositiveIntegerField(default=0, editable=False)),
                ("history_head", models.CharField(blank=True, default="", editable=False, max_length=64)),
                ("reference", models.CharField(max_length=20, unique=True, verbose_name="reference")),
                (
                    "status",
                    models.CharField(
                        choices=[
                            ("open", "To be signed"),
                            ("signed", "Signed"),
                            ("lapsed", "Lapsed"),
                            ("ended", "Ended: the application was withdrawn"),
                        ],
                        default="open",
                        max_length=20,
                        verbose_name="status",
                    ),
                ),
                ("noticed_on", models.DateField(verbose_name="day of the notice")),
                ("working_days", models.PositiveSmallIntegerField(verbose_name="working days to sign")),
                ("due_on", models.DateField(verbose_name="to be signed by")),
                ("made_at", models.DateTimeField(default=django.utils.timezone.now, verbose_name="made")),
                ("signed_on", models.DateField(blank=True, null=True, verbose_name="signed on")),
                ("legal_representative", models.CharField(blank=True, max_length=200, verbose_name="legal representative")),
                ("responsible_user", models.CharField(blank=True, max_length=200, verbose_name="responsible user")),
                (
                    "decision",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT, related_name="agreement", to="reviews.decision", verbose_name="decision"
                    ),
                ),
            ],
            options={
                "verbose_name": "loan agreement",
                "verbose_name_plural": "loan agreements",
            },
        ),
        migrations.CreateModel(
            name="AgreementChange",
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
                ("record", models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="history", to="loans.agreement")),
            ],
            options={
                "ordering": ("record_id", "sequence"),
                "abstract": False,
            },
        ),
        migrations.CreateModel(
            name="AgreementExtension",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("due_before", models.DateField(verbose_name="day before")),
                ("due_on", models.DateField(verbose_name="new last day")),
                ("reason", models.TextField(verbose_name="reason")),
                ("at", models.DateTimeField(default=django.utils.timezone.now, verbose_name="at")),
                ("agreement", models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="extensions", to="loans.agreement")),
                (
                    "by",
                    models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL, verbose_name="by"),
                ),
            ],
            options={
                "ordering": ("pk",),
            },
        ),
        migrations.CreateModel(
            name="AgreementReminder",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("notice", "The agreement is to be signed"),
                            ("extended", "More time to sign"),
                            ("half", "Half of the time has passed"),
                            ("near", "Two working days are left"),
                            ("last_day", "Last day to sign"),
                            ("passed", "The time to sign has passed"),
                        ],
                        max_length=20,
                        verbose_name="kind",
                    ),
                ),
                ("due_on", models.DateField(verbose_name="last day to sign")),
                ("at", models.DateTimeField(default=django.utils.timezone.now, verbose_name="at")),
                ("agreement", models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="reminders", to="loans.agreement")),
            ],
            options={
                "ordering": ("pk",),
            },
        ),
        migrations.CreateModel(
            name="DayRule",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("day", models.DateField(verbose_name="day")),
                ("number", models.PositiveSmallIntegerField(verbose_name="number")),
                ("is_working", models.BooleanField(null=True, verbose_name="working day")),
                ("name_en", models.CharField(blank=True, max_length=120, verbose_name="name in English")),
                ("name_zh", models.CharField(blank=True, max_length=120, verbose_name="name in Chinese")),
                ("source", models.CharField(max_length=300, verbose_name="source")),
                ("at", models.DateTimeField(default=django.utils.timezone.now, verbose_name="at")),
                (
                    "by",
                    models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL, verbose_name="by"),
                ),
            ],
            options={
                "verbose_name": "day",
                "verbose_name_plural": "days",
                "ordering": ("day", "number"),
            },
        ),
        migrations.CreateModel(
            name="Promotion",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("version", models.PositiveIntegerField(default=0, editable=False)),
                ("history_head", models.CharField(blank=True, default="", editable=False, max_length=64)),
                (
                    "status",
                    models.CharField(
                        choices=[("proposed", "Proposed"), ("made", "Made, decision recorded"), ("dropped", "Dropped")],
                        default="proposed",
                        max_length=20,
                        verbose_name="status",
                    ),
                ),
                ("reason", models.TextField(verbose_name="reason")),
                ("conditions_en", models.TextField(blank=True, verbose_name="conditions in English")),
                ("conditions_zh", models.TextField(blank=True, verbose_name="conditions in Chinese")),
                ("proposed_at", models.DateTimeField(default=django.utils.timezone.now, verbose_name="proposed")),
                (
                    "application",
                    models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="promotions", to="applications.application"),
                ),
                (
                    "decision",
                    models.OneToOneField(
                        blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name="promotion", to="reviews.decision"
                    ),
                ),
                ("proposed_by", models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL)),
            ],
            options={
                "verbose_name": "promotion",
                "verbose_name_plural": "promotions",
            },
        ),
        migrations.CreateModel(
            name="PromotionChange",
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
                ("record", models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="history", to="loans.promotion")),
            ],
            options={
                "ordering": ("record_id", "sequence"),
                "abstract": False,
            },
        ),
        migrations.CreateModel(
            name="PromotionLine",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("mass_ug", models.BigIntegerField(verbose_name="proposed mass in micrograms")),
                ("promotion", models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="lines", to="loans.promotion")),
                ("request", models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="+", to="applications.request")),
            ],
            options={
                "ordering": ("request__position", "pk"),
            },
        ),
        migrations.AddIndex(
            model_name="agreement",
            index=models.Index(condition=models.Q(("status", "open")), fields=["due_on"], name="agreements_to_be_signed"),
        ),
        migrations.AddConstraint(
            model_name="agreement",
            constraint=models.CheckConstraint(
                condition=models.Q(("status__in", ["open", "signed", "lapsed", "ended"])), name="agreement_status_known"
            ),
        ),
        migrations.AddConstraint(
            model_name="agreement",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(
                        ("signed_on__isnull", False),
                        ("status", "signed"),
                        models.Q(("legal_representative", ""), _negated=True),
                        models.Q(("responsible_user", ""), _negated=True),
                    ),
                    models.Q(
                        models.Q(("status", "signed"), _negated=True),
                        ("legal_representative", ""),
                        ("responsible_user", ""),
                        ("signed_on__isnull", True),
                    ),
                    _connector="OR",
                ),
                name="agreement_signed_by_somebody_on_a_day",
            ),
        ),
        migrations.AddConstraint(
            model_name="agreement",
            constraint=models.CheckConstraint(
                condition=models.Q(("due_on__gt", models.F("noticed_on")), ("working_days__gte", 1)), name="agreement_due_after_the_notice"
            ),
        ),
        migrations.AddConstraint(
            model_name="agreement",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("signed_on__isnull", True),
                    models.Q(("signed_on__gte", models.F("noticed_on")), ("signed_on__lte", models.F("due_on"))),
                    _connector="OR",
                ),
                name="agreement_signed_in_time",
            ),
        ),
        migrations.AddConstraint(
            model_name="agreementchange",
            constraint=models.UniqueConstraint(fields=("record", "sequence"), name="agreement_history_without_gap"),
        ),
        migrations.AddConstraint(
            model_name="agreementextension",
            constraint=models.UniqueConstraint(fields=("agreement", "due_before"), name="agreement_extended_once_from_a_day"),
        ),
        migrations.AddConstraint(
            model_name="agreementextension",
            constraint=models.CheckConstraint(condition=models.Q(("due_on__gt", models.F("due_before"))), name="agreement_extended_to_a_later_day"),
        ),
        migrations.AddConstraint(
            model_name="agreementextension",
            constraint=models.CheckConstraint(condition=models.Q(("reason", ""), _negated=True), name="agreement_extension_has_a_reason"),
        ),
        migrations.AddConstraint(
            model_name="agreementreminder",
            constraint=models.UniqueConstraint(fields=("agreement", "kind", "due_on"), name="agreement_reminded_once"),
        ),
        migrations.AddConstraint(
            model_name="agreementreminder",
            constraint=models.CheckConstraint(
                condition=models.Q(("kind__in", ["notice", "extended", "half", "near", "last_day", "passed"])), name="agreement_reminder_kind_known"
            ),
        ),
        migrations.AddConstraint(
            model_name="dayrule",
            constraint=models.UniqueConstraint(fields=("day", "number"), name="day_rule_numbered_once"),
        ),
        migrations.AddConstraint(
            model_name="dayrule",
            constraint=models.CheckConstraint(condition=models.Q(("number__gte", 1)), name="day_rule_numbered_from_one"),
        ),
        migrations.AddConstraint(
            model_name="dayrule",
            constraint=models.CheckConstraint(condition=models.Q(("source", ""), _negated=True), name="day_rule_has_a_source"),
        ),
        migrations.AddConstraint(
            model_name="promotion",
            constraint=models.CheckConstraint(condition=models.Q(("status__in", ["proposed", "made", "dropped"])), name="promotion_status_known"),
        ),
        migrations.AddConstraint(
            model_name="promotion",
            constraint=models.UniqueConstraint(
                condition=models.Q(("status", "proposed")), fields=("application",), name="one_promotion_waits_per_application"
            ),
        ),
        migrations.AddConstraint(
            model_name="promotion",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("decision__isnull", False), ("status", "made")),
                    models.Q(models.Q(("status", "made"), _negated=True), ("decision__isnull", True)),
                    _connector="OR",
                ),
                name="promotion_made_has_its_decision",
            ),
        ),
        migrations.AddConstraint(
            model_name="promotion",
            constraint=models.CheckConstraint(condition=models.Q(("reason", ""), _negated=True), name="promotion_has_a_reason"),
        ),
        migrations.AddConstraint(
            model_name="promotionchange",
            constraint=models.UniqueConstraint(fields=("record", "sequence"), name="promotion_history_without_gap"),
        ),
        migrations.AddConstraint(
            model_name="promotionline",
            constraint=models.UniqueConstraint(fields=("promotion", "request"), name="one_promotion_line_per_request"),
        ),
        migrations.AddConstraint(
            model_name="promotionline",
            constraint=models.CheckConstraint(condition=models.Q(("mass_ug__gt", 0)), name="promotion_line_has_mass"),
        ),
    ]
