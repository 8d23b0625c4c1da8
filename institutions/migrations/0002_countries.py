"""Every entry of ISO 3166, as the libraries name it at the moment of installation."""

from django.db import migrations
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.migrations.state import StateApps

from institutions.names import key_of, library_countries


def load(apps: StateApps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    country, alias = (apps.get_model("institutions", name) for name in ("Country", "CountryAlias"))
    entries = library_countries()
    country.objects.bulk_create(
        country(code=entry.code, name_en=entry.name_en, name_zh=entry.name_zh, key_en=key_of(entry.name_en), key_zh=key_of(entry.name_zh))
        for entry in entries
    )
    alias.objects.bulk_create(alias(country_id=entry.code, alias=name, key=key_of(name)) for entry in entries for name in entry.aliases)


class Migration(migrations.Migration):
    dependencies = [("institutions", "0001_register")]

    operations = [migrations.RunPython(load, migrations.RunPython.noop)]
