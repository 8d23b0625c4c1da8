"""Migration operations that let the database refuse what the code must never do."""

from django.db import migrations
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.migrations.state import StateApps


def append_only(table: str, *, once: str = "") -> migrations.RunPython:
    """Refuse UPDATE and DELETE on a table by trigger, on PostgreSQL and SQLite. With `once`, a condition on the OLD row, only for
    rows that already meet it (a version that was handed in).

    SQLite rebuilds a table when a later migration alters it and drops its triggers: such a migration calls this again.
    """

    when = f"WHEN ({once}) " if once else ""

    def forwards(apps: StateApps, schema_editor: BaseDatabaseSchemaEditor) -> None:
        if schema_editor.connection.vendor == "postgresql":
            schema_editor.execute(
                "CREATE OR REPLACE FUNCTION refuse_change() RETURNS trigger AS $$ "
                "BEGIN RAISE EXCEPTION '% is append-only', TG_TABLE_NAME USING ERRCODE = 'integrity_constraint_violation'; END $$ LANGUAGE plpgsql",
                params=None,
            )
            schema_editor.execute(f'DROP TRIGGER IF EXISTS "{table}_append_only" ON "{table}"')
            schema_editor.execute(
                f'CREATE TRIGGER "{table}_append_only" BEFORE UPDATE OR DELETE ON "{table}" FOR EACH ROW {when}EXECUTE FUNCTION refuse_change()'
            )
        else:
            for verb in ("UPDATE", "DELETE"):
                schema_editor.execute(
                    f'CREATE TRIGGER IF NOT EXISTS "{table}_no_{verb.lower()}" BEFORE {verb} ON "{table}" '
                    f"{when}BEGIN SELECT RAISE(ABORT, '{table} is append-only'); END"
                )

    def backwards(apps: StateApps, schema_editor: BaseDatabaseSchemaEditor) -> None:
        if schema_editor.connection.vendor == "postgresql":
            schema_editor.execute(f'DROP TRIGGER IF EXISTS "{table}_append_only" ON "{table}"')
        else:
            for verb in ("update", "delete"):
                schema_editor.execute(f'DROP TRIGGER IF EXISTS "{table}_no_{verb}"')

    return migrations.RunPython(forwards, backwards)
