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


def written_once(table: str, columns: tuple[str, ...]) -> migrations.RunPython:
    """Refuse to change some columns of a row, whatever becomes of the others. SQLite forgets it as above."""
    trigger, listed = f"{table}_written_once", ", ".join(f'"{column}"' for column in columns)

    def forwards(apps: StateApps, schema_editor: BaseDatabaseSchemaEditor) -> None:
        if schema_editor.connection.vendor == "postgresql":
            schema_editor.execute(f'DROP TRIGGER IF EXISTS "{trigger}" ON "{table}"')
            schema_editor.execute(f'CREATE TRIGGER "{trigger}" BEFORE UPDATE OF {listed} ON "{table}" FOR EACH ROW EXECUTE FUNCTION refuse_change()')
        else:
            schema_editor.execute(
                f'CREATE TRIGGER IF NOT EXISTS "{trigger}" BEFORE UPDATE OF {listed} ON "{table}" '
                f"BEGIN SELECT RAISE(ABORT, '{table} is written once'); END"
            )

    def backwards(apps: StateApps, schema_editor: BaseDatabaseSchemaEditor) -> None:
        on = f' ON "{table}"' if schema_editor.connection.vendor == "postgresql" else ""
        schema_editor.execute(f'DROP TRIGGER IF EXISTS "{trigger}"{on}')

    return migrations.RunPython(forwards, backwards)


def frozen_with(table: str, column: str, parent: str, condition: str) -> migrations.RunPython:
    """Refuse to add, change or remove rows of a parent that meets a condition (files of a version that was handed in).

    PostgreSQL alone: on SQLite a trigger that reads another table would stand in the way of every later migration of that table.
    """
    trigger = f"{table}_frozen"

    def forwards(apps: StateApps, schema_editor: BaseDatabaseSchemaEditor) -> None:
        if schema_editor.connection.vendor != "postgresql":
            return
        found = f'EXISTS (SELECT 1 FROM "{parent}" WHERE {condition} AND id = %s)'  # noqa: S608 - names of our own tables
        schema_editor.execute(
            f"CREATE OR REPLACE FUNCTION {trigger}() RETURNS trigger AS $$ BEGIN "
            f"IF TG_OP <> 'INSERT' AND {found % f'OLD.{column}'} THEN "
            f"RAISE EXCEPTION '% is append-only', TG_TABLE_NAME USING ERRCODE = 'integrity_constraint_violation'; END IF; "
            f"IF TG_OP = 'DELETE' THEN RETURN OLD; END IF; "
            f"IF {found % f'NEW.{column}'} THEN "
            f"RAISE EXCEPTION '% is append-only', TG_TABLE_NAME USING ERRCODE = 'integrity_constraint_violation'; END IF; "
            f"RETURN NEW; END $$ LANGUAGE plpgsql",
            params=None,
        )
        schema_editor.execute(f'DROP TRIGGER IF EXISTS "{trigger}" ON "{table}"')
        schema_editor.execute(f'CREATE TRIGGER "{trigger}" BEFORE INSERT OR UPDATE OR DELETE ON "{table}" FOR EACH ROW EXECUTE FUNCTION {trigger}()')

    def backwards(apps: StateApps, schema_editor: BaseDatabaseSchemaEditor) -> None:
        if schema_editor.connection.vendor == "postgresql":
            schema_editor.execute(f'DROP TRIGGER IF EXISTS "{trigger}" ON "{table}"')
            schema_editor.execute(f"DROP FUNCTION IF EXISTS {trigger}()")

    return migrations.RunPython(forwards, backwards)
