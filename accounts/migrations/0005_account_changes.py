"""What happens to an account besides its roles, written once; and when nothing says any more who somebody was."""

import django.db.models.deletion
import django.utils.timezone
from django.conf import settings
from django.db import migrations, models
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.migrations.state import StateApps

TABLE = "accounts_accountchange"


def refuse_changes(apps: StateApps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    if schema_editor.connection.vendor == "postgresql":  # the function is that of 0003
        schema_editor.execute(f"CREATE TRIGGER {TABLE}_once BEFORE UPDATE OR DELETE ON {TABLE} FOR EACH ROW EXECUTE FUNCTION refuse_log_change()")
        return
    for verb in ("UPDATE", "DELETE"):
        schema_editor.execute(
            f"CREATE TRIGGER {TABLE}_no_{verb.lower()} BEFORE {verb} ON {TABLE} BEGIN SELECT RAISE(ABORT, '{TABLE} is written once'); END"
        )


def allow_changes(apps: StateApps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    if schema_editor.connection.vendor == "postgresql":
        schema_editor.execute(f"DROP TRIGGER IF EXISTS {TABLE}_once ON {TABLE}")
        return
    for verb in ("update", "delete"):
        schema_editor.execute(f"DROP TRIGGER IF EXISTS {TABLE}_no_{verb}")


class Migration(migrations.Migration):
    dependencies = [("accounts", "0004_cache_table")]

    operations = [
        migrations.AddField("user", "erased_at", models.DateTimeField(blank=True, editable=False, null=True, verbose_name="erased")),
        migrations.CreateModel(
            name="AccountChange",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("at", models.DateTimeField(default=django.utils.timezone.now, verbose_name="at")),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("factors_removed", "Second factor removed"),
                            ("erasure_asked", "Erasure asked for"),
                            ("erasure_refused", "Erasure refused"),
                            ("erased", "Account erased"),
                        ],
                        max_length=20,
                        verbose_name="what",
                    ),
                ),
                ("reason", models.TextField(blank=True, verbose_name="reason")),
                (
                    "by",
                    models.ForeignKey(
                        null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL, verbose_name="by"
                    ),
                ),
                (
                    "user",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="account_changes",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="person",
                    ),
                ),
            ],
            options={"ordering": ("-at", "-pk")},
        ),
        migrations.RunPython(refuse_changes, allow_changes),
    ]
