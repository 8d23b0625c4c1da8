"""The first shape of the letters; the database itself refuses to change a letter's words or history."""

import django.db.models.deletion
import django.utils.timezone
from django.conf import settings
from django.db import migrations, models
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.migrations.state import StateApps

import letters.models
from workflow.operations import append_only

FROZEN = "number, key, reference, kind, kind_en, kind_zh, title_en, title_zh, institution_en, institution_zh, dated_on, html, text_en, text_zh, check_code, written_at"


def freeze_words(apps: StateApps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    """Refuse any statement that names a column of the words of a letter."""
    if schema_editor.connection.vendor == "postgresql":
        schema_editor.execute(
            f"CREATE TRIGGER letters_letter_frozen BEFORE UPDATE OF {FROZEN} ON letters_letter FOR EACH ROW EXECUTE FUNCTION refuse_change()"
        )
    else:
        schema_editor.execute(
            f"CREATE TRIGGER letters_letter_frozen BEFORE UPDATE OF {FROZEN} ON letters_letter BEGIN SELECT RAISE(ABORT, 'the words of a letter are frozen'); END"
        )


def thaw_words(apps: StateApps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    on_table = " ON letters_letter" if schema_editor.connection.vendor == "postgresql" else ""
    schema_editor.execute(f"DROP TRIGGER IF EXISTS letters_letter_frozen{on_table}")


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="LetterCounter",
            fields=[
                ("year", models.PositiveIntegerField(primary_key=True, serialize=False)),
                ("last", models.PositiveIntegerField(default=0)),
            ],
            options={
                "abstract": False,
            },
        ),
        migrations.CreateModel(
            name="Letter",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("version", models.PositiveIntegerField(default=0, editable=False)),
                ("history_head", models.CharField(blank=True, default="", editable=False, max_length=64)),
                ("number", models.CharField(max_length=20, unique=True, verbose_name="number")),
                (
                    "key",
                    models.CharField(
                        help_text="What the letter is for; a second letter for the same is never written.",
                        max_length=100,
                        unique=True,
                        verbose_name="key",
                    ),
                ),
                ("kind", models.CharField(max_length=20, verbose_name="kind")),
                ("reference", models.CharField(db_index=True, max_length=40, verbose_name="our reference")),
                ("kind_en", models.CharField(max_length=100, verbose_name="kind in English")),
                ("kind_zh", models.CharField(max_length=100, verbose_name="kind in Chinese")),
                ("title_en", models.CharField(max_length=300, verbose_name="title in English")),
                ("title_zh", models.CharField(max_length=300, verbose_name="title in Chinese")),
                ("institution_en", models.CharField(blank=True, max_length=300, verbose_name="institution in English")),
                ("institution_zh", models.CharField(blank=True, max_length=300, verbose_name="institution in Chinese")),
                ("dated_on", models.DateField(verbose_name="date")),
                ("html", models.TextField(verbose_name="words as printed")),
                ("text_en", models.TextField(verbose_name="words in English")),
                ("text_zh", models.TextField(verbose_name="words in Chinese")),
                ("check_code", models.CharField(max_length=26, unique=True, verbose_name="check code")),
                (
                    "status",
                    models.CharField(
                        choices=[("held", "Held"), ("valid", "Valid"), ("superseded", "Superseded"), ("revoked", "Revoked")],
                        default="held",
                        max_length=20,
                        verbose_name="status",
                    ),
                ),
                ("visible_at", models.DateTimeField(blank=True, null=True, verbose_name="visible from")),
                ("written_at", models.DateTimeField(default=django.utils.timezone.now, verbose_name="written")),
                (
                    "printing",
                    models.CharField(
                        choices=[
                            ("queued", "Waiting to be printed"),
                            ("running", "Being printed"),
                            ("printed", "Printed"),
                            ("failed", "Could not be printed"),
                        ],
                        default="queued",
                        max_length=10,
                        verbose_name="print",
                    ),
                ),
                ("next_at", models.DateTimeField(default=letters.models.soon)),
                ("lease_until", models.DateTimeField(blank=True, null=True)),
                ("attempts", models.PositiveSmallIntegerField(default=0, verbose_name="attempts")),
                ("problem", models.TextField(blank=True, verbose_name="problem")),
                ("file", models.CharField(blank=True, max_length=100)),
                ("digest", models.CharField(blank=True, max_length=64, verbose_name="SHA-256 of the file")),
                ("printed_at", models.DateTimeField(blank=True, null=True, verbose_name="printed")),
                (
                    "supersedes",
                    models.OneToOneField(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="successor",
                        to="letters.letter",
                        verbose_name="supersedes",
                    ),
                ),
                (
                    "written_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="written by",
                    ),
                ),
            ],
            options={
                "verbose_name": "letter",
                "verbose_name_plural": "letters",
            },
        ),
        migrations.CreateModel(
            name="LetterChange",
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
                ("record", models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="history", to="letters.letter")),
            ],
            options={
                "ordering": ("record_id", "sequence"),
                "abstract": False,
            },
        ),
        migrations.CreateModel(
            name="LetterReader",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("letter", models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name="readers", to="letters.letter")),
                ("user", models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL)),
            ],
        ),
        migrations.CreateModel(
            name="Mail",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("key", models.CharField(max_length=150, unique=True, verbose_name="key")),
                ("recipient", models.EmailField(max_length=254, verbose_name="recipient")),
                ("language", models.CharField(max_length=10, verbose_name="language")),
                ("thread", models.CharField(blank=True, max_length=40, verbose_name="thread")),
                ("subject", models.CharField(max_length=400, verbose_name="subject")),
                ("body", models.TextField(verbose_name="body")),
                ("message_id", models.CharField(max_length=200, unique=True)),
                (
                    "state",
                    models.CharField(
                        choices=[("queued", "Waiting to be sent"), ("running", "Being sent"), ("sent", "Sent"), ("failed", "Could not be sent")],
                        default="queued",
                        max_length=10,
                        verbose_name="state",
                    ),
                ),
                ("next_at", models.DateTimeField(default=django.utils.timezone.now, verbose_name="next attempt")),
                ("lease_until", models.DateTimeField(blank=True, null=True)),
                ("attempts", models.PositiveSmallIntegerField(default=0, verbose_name="attempts")),
                ("problem", models.TextField(blank=True, verbose_name="problem")),
                ("written_at", models.DateTimeField(default=django.utils.timezone.now, verbose_name="written")),
                ("sent_at", models.DateTimeField(blank=True, null=True, verbose_name="sent")),
                (
                    "letter",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="mails",
                        to="letters.letter",
                        verbose_name="letter",
                    ),
                ),
            ],
            options={
                "verbose_name": "mail",
                "verbose_name_plural": "mails",
            },
        ),
        migrations.AddIndex(
            model_name="letter",
            index=models.Index(fields=["-visible_at", "-id"], name="letters_newest_first"),
        ),
        migrations.AddIndex(
            model_name="letter",
            index=models.Index(condition=models.Q(("printing__in", ("queued", "running"))), fields=["next_at"], name="letters_to_print"),
        ),
        migrations.AddConstraint(
            model_name="letter",
            constraint=models.CheckConstraint(
                condition=models.Q(("status__in", ["held", "valid", "superseded", "revoked"])), name="letter_status_is_known"
            ),
        ),
        migrations.AddConstraint(
            model_name="letter",
            constraint=models.CheckConstraint(
                condition=models.Q(("printing__in", ["queued", "running", "printed", "failed"])), name="letter_printing_is_known"
            ),
        ),
        migrations.AddConstraint(
            model_name="letter",
            constraint=models.CheckConstraint(
                condition=models.Q(("status__in", ("held", "revoked")), ("visible_at__isnull", False), _connector="OR"),
                name="released_letter_has_its_moment",
            ),
        ),
        migrations.AddConstraint(
            model_name="letter",
            constraint=models.CheckConstraint(
                condition=models.Q(models.Q(("status", "held"), _negated=True), ("visible_at__isnull", True), _connector="OR"),
                name="held_letter_has_no_moment",
            ),
        ),
        migrations.AddConstraint(
            model_name="letter",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(
                        ("printed_at__isnull", False),
                        ("printing", "printed"),
                        models.Q(("file", ""), _negated=True),
                        models.Q(("digest", ""), _negated=True),
                    ),
                    models.Q(models.Q(("printing", "printed"), _negated=True), ("digest", "")),
                    _connector="OR",
                ),
                name="printed_letter_has_its_file",
            ),
        ),
        migrations.AddConstraint(
            model_name="letter",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("printing", "running"), _negated=True),
                    models.Q(("lease_until__isnull", False), models.Q(("file", ""), _negated=True)),
                    _connector="OR",
                ),
                name="running_letter_has_a_lease",
            ),
        ),
        migrations.AddConstraint(
            model_name="letter",
            constraint=models.CheckConstraint(
                condition=models.Q(models.Q(("printing", "failed"), _negated=True), models.Q(("problem", ""), _negated=True), _connector="OR"),
                name="failed_letter_names_its_problem",
            ),
        ),
        migrations.AddConstraint(
            model_name="letter",
            constraint=models.UniqueConstraint(condition=models.Q(("file", ""), _negated=True), fields=("file",), name="one_file_per_letter"),
        ),
        migrations.AddConstraint(
            model_name="letter",
            constraint=models.UniqueConstraint(condition=models.Q(("digest", ""), _negated=True), fields=("digest",), name="one_letter_per_digest"),
        ),
        migrations.AddConstraint(
            model_name="letterchange",
            constraint=models.UniqueConstraint(fields=("record", "sequence"), name="letter_history_has_no_forks"),
        ),
        migrations.AddConstraint(
            model_name="letterreader",
            constraint=models.UniqueConstraint(fields=("letter", "user"), name="letter_reader_once"),
        ),
        migrations.AddIndex(
            model_name="mail",
            index=models.Index(condition=models.Q(("state__in", ("queued", "running"))), fields=["next_at"], name="mails_to_send"),
        ),
        migrations.AddConstraint(
            model_name="mail",
            constraint=models.UniqueConstraint(
                condition=models.Q(("letter__isnull", False)), fields=("letter", "recipient"), name="one_mail_per_letter_and_recipient"
            ),
        ),
        migrations.AddConstraint(
            model_name="mail",
            constraint=models.CheckConstraint(condition=models.Q(("state__in", ["queued", "running", "sent", "failed"])), name="mail_state_is_known"),
        ),
        migrations.AddConstraint(
            model_name="mail",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("sent_at__isnull", False), ("state", "sent")),
                    models.Q(models.Q(("state", "sent"), _negated=True), ("sent_at__isnull", True)),
                    _connector="OR",
                ),
                name="sent_mail_has_its_moment",
            ),
        ),
        migrations.AddConstraint(
            model_name="mail",
            constraint=models.CheckConstraint(
                condition=models.Q(models.Q(("state", "failed"), _negated=True), models.Q(("problem", ""), _negated=True), _connector="OR"),
                name="failed_mail_names_its_problem",
            ),
        ),
        migrations.AddConstraint(
            model_name="mail",
            constraint=models.CheckConstraint(
                condition=models.Q(models.Q(("state", "running"), _negated=True), ("lease_until__isnull", False), _connector="OR"),
                name="running_mail_has_a_lease",
            ),
        ),
        append_only("letters_letterchange"),
        migrations.RunPython(freeze_words, thaw_words),
    ]
