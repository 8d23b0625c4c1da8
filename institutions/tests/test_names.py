"""Which country is meant."""

import pytest

from institutions.models import Country
from institutions.names import key_of, library_countries


@pytest.mark.django_db
def test_every_entry_of_iso_3166_is_there_with_both_names_and_is_found_by_each() -> None:
    assert Country.objects.count() == 249
    for country in Country.objects.all():
        for text in (country.code, country.code.lower(), country.name_en, country.name_zh, country.name_en.upper(), f"  {country.name_zh} "):
            assert Country.objects.match(text) == country, text


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("United States", "US"),
        ("USA", "US"),
        ("U.S.A.", "US"),
        ("The United States of America", "US"),
        ("美国", "US"),
        ("UK", "GB"),
        ("U.K.", "GB"),
        ("Great Britain", "GB"),
        ("Scotland", "GB"),
        ("South Korea", "KR"),
        ("Republic of Korea", "KR"),
        ("Korea, Republic of", "KR"),
        ("North Korea", "KP"),
        ("Czech Republic", "CZ"),
        ("Czechia", "CZ"),
        ("Russia", "RU"),
        ("Russian Federation", "RU"),
        ("PR China", "CN"),
        ("中华人民共和国", "CN"),
        ("Hong Kong", "HK"),
        ("Hong Kong SAR China", "HK"),
        ("中国香港", "HK"),
        ("Macao", "MO"),
        ("Macau", "MO"),
        ("Taiwan", "TW"),
        ("Taiwan, China", "TW"),
        ("中国台湾", "TW"),
        ("cote d’ivoire", "CI"),
        ("Ivory Coast", "CI"),
        ("Turkey", "TR"),
        ("Türkiye", "TR"),
        ("Viet Nam", "VN"),
        ("The Netherlands", "NL"),
        ("Bahamas", "BS"),
        ("Bahamas, The", "BS"),
        ("Bosnia & Herzegovina", "BA"),
        ("萨摩亚", "WS"),
        ("PAK", "PK"),
        ("Georgia", "GE"),
    ],
)
def test_a_country_or_region_is_found_by_what_people_write(text: str, code: str) -> None:
    country = Country.objects.match(text)
    assert country is not None
    assert country.code == code


@pytest.mark.django_db
@pytest.mark.parametrize("text", ["", "   ", "Atlantis", "Korea", "XX", "?", "-", "<b>France</b>", "美"])
def test_what_names_no_country_or_more_than_one_is_not_guessed(text: str) -> None:
    assert Country.objects.match(text) is None


def test_no_alias_stands_for_two_entries_or_is_the_name_of_another() -> None:
    owners: dict[str, set[str]] = {}
    for entry in library_countries():
        for name in (entry.name_en, entry.name_zh, *entry.aliases):
            owners.setdefault(key_of(name), set()).add(entry.code)
    assert {key: codes for key, codes in owners.items() if len(codes) > 1} == {}


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Universität zu Köln", "UNIVERSITAT ZU KOLN"),
        ("Straße", "strasse"),
        ("A&B", "a and b"),
        ("The Open University", "Open University"),
        ("ＡＢＣ", "abc"),
    ],
)
def test_two_spellings_of_one_name_have_one_key(one: str, other: str) -> None:
    assert key_of(one) == key_of(other)


@pytest.mark.parametrize(("one", "other"), [("寺田", "赤田"), ("Osaka", "Kyoto"), ("嫦娥", "")])
def test_different_names_have_different_keys(one: str, other: str) -> None:
    assert key_of(one) != key_of(other)
