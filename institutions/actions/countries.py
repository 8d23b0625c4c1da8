"""What happens to the list of countries and regions."""

from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext as _

from accounts.names import tidy_name
from institutions.models import Country, CountryAlias
from institutions.names import key_of, library_countries


@transaction.atomic
def load_countries() -> int:
    """Bring the list up to the libraries' state; the administrator's names and places stay. Returns how many entries are new."""
    known = {country.code: country for country in Country.objects.all()}
    for entry in library_countries():
        country = known.get(entry.code)
        if country is None:
            Country.objects.create(code=entry.code, name_en=entry.name_en, name_zh=entry.name_zh)
        elif not country.is_renamed and (country.name_en, country.name_zh) != (entry.name_en, entry.name_zh):
            country.name_en, country.name_zh = entry.name_en, entry.name_zh
            country.save(update_fields=["name_en", "name_zh", "key_en", "key_zh"])
    taken = set(CountryAlias.objects.values_list("key", flat=True))
    wanted = [(entry.code, name, key_of(name)) for entry in library_countries() for name in entry.aliases]
    CountryAlias.objects.bulk_create(CountryAlias(country_id=code, alias=name, key=key) for code, name, key in wanted if key not in taken)
    return len({entry.code for entry in library_countries()} - known.keys())


class CountryNameTaken(Exception):
    def __init__(self, country: Country) -> None:
        super().__init__(_("%(name)s is already called so.") % {"name": country})


@transaction.atomic
def revise_country(country: Country, *, name_en: str, name_zh: str, position: int) -> None:
    """The administrator's names and place. The name it had before stays known as an alias, so that old files still match."""
    name_en, name_zh = tidy_name(name_en), tidy_name(name_zh)
    keys = [key_of(name_en), key_of(name_zh)]
    meant = Country.objects.exclude(pk=country.pk).filter(Q(key_en__in=keys) | Q(key_zh__in=keys) | Q(aliases__key__in=keys)).first()
    if meant:
        raise CountryNameTaken(meant)
    is_renamed = (name_en, name_zh) != (country.name_en, country.name_zh)
    if is_renamed:
        for old in (country.name_en, country.name_zh):
            if not CountryAlias.objects.filter(key=key_of(old)).exists():
                CountryAlias.objects.create(country=country, alias=old)
    country.name_en, country.name_zh, country.position = name_en, name_zh, position
    country.is_renamed = country.is_renamed or is_renamed
    country.save(update_fields=["name_en", "name_zh", "key_en", "key_zh", "position", "is_renamed"])
