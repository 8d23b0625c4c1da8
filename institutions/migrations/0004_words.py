"""By which words every institution is found, and on PostgreSQL the index that finds them: trigrams, so that any beginning of a word will do."""

from django.db import migrations
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.migrations.state import StateApps

from institutions.search import words_of


def write_words(apps: StateApps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    institution = apps.get_model("institutions", "Institution")
    for row in institution.objects.prefetch_related("aliases", "merged_ones__aliases").iterator(chunk_size=500):
        names = []
        for one in (row, *row.merged_ones.all()):
            names += [name for name in (one.name_en, one.name_local, *(alias.name for alias in one.aliases.all())) if name]
        institution.objects.filter(pk=row.pk).update(words=words_of(names))


def add_index(apps: StateApps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    if schema_editor.connection.vendor == "postgresql":
        schema_editor.execute("CREATE EXTENSION IF NOT EXISTS pg_trgm")
        schema_editor.execute("CREATE INDEX institutions_by_words ON institutions_institution USING gin (words gin_trgm_ops) WITH (fastupdate = off)")


def drop_index(apps: StateApps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    if schema_editor.connection.vendor == "postgresql":
        schema_editor.execute("DROP INDEX institutions_by_words")


class Migration(migrations.Migration):
    dependencies = [("institutions", "0003_ror")]

    operations = [migrations.RunPython(write_words, migrations.RunPython.noop), migrations.RunPython(add_index, drop_index)]
