"""Names of countries and regions as libraries give them, and how two spellings of one name are found to be the same."""

import unicodedata
from collections import defaultdict
from dataclasses import dataclass
from functools import cache

from babel import Locale
from django.utils import translation
from django_countries import countries

# Chinese comes from the CLDR: django-countries' own Chinese calls Samoa by American Samoa's name, cuts off Bosnia's and misspells a
# dozen. For these four both languages come from django-countries, because its two names say the same and the CLDR's say more or less.
BOTH_FROM_COUNTRIES = frozenset({"FK", "HK", "MO", "PS"})

# What people write and no library lists.
SPOKEN_NAMES: dict[str, tuple[str, ...]] = {
    "AE": ("UAE", "Emirates", "阿联酋"),
    "BO": ("Plurinational State of Bolivia",),
    "BN": ("Brunei Darussalam",),
    "CD": ("DR Congo", "DRC", "Congo-Kinshasa", "Congo, Democratic Republic of the"),
    "CG": ("Republic of the Congo", "Congo-Brazzaville"),
    "CI": ("Ivory Coast",),
    "CN": ("People's Republic of China", "PR China", "P.R. China", "PRC", "Mainland China", "中华人民共和国", "中国大陆"),
    "CV": ("Cape Verde",),
    "CZ": ("Czech Republic", "捷克共和国"),
    "FM": ("Federated States of Micronesia",),
    "GB": ("UK", "U.K.", "Great Britain", "Britain", "England", "Scotland", "Wales", "Northern Ireland", "大不列颠及北爱尔兰联合王国"),
    "HK": ("Hong Kong, China", "Hong Kong SAR", "Hongkong", "中国香港", "香港特别行政区"),
    "IR": ("Islamic Republic of Iran", "Iran, Islamic Republic of"),
    "KP": ("DPRK", "Democratic People's Republic of Korea", "Korea, North", "朝鲜民主主义人民共和国"),
    "KR": ("Republic of Korea", "Korea, Republic of", "Korea, South", "大韩民国", "南韩"),
    "LA": ("Lao PDR", "Lao People's Democratic Republic"),
    "MD": ("Republic of Moldova",),
    "MK": ("Macedonia",),
    "MM": ("Burma",),
    "MO": ("Macau", "Macao, China", "Macao SAR", "Macau SAR", "中国澳门", "澳门特别行政区"),
    "NL": ("The Netherlands", "Holland"),
    "PS": ("State of Palestine",),
    "RU": ("Russian Federation", "俄罗斯联邦", "俄国"),
    "ST": ("São Tomé and Príncipe",),
    "SY": ("Syrian Arab Republic",),
    "SZ": ("Swaziland",),
    "TL": ("East Timor",),
    "TR": ("Turkey",),
    "TW": ("Taiwan, China", "Taiwan, Province of China", "China, Taiwan", "Chinese Taipei", "中国台湾", "台湾地区"),
    "TZ": ("United Republic of Tanzania",),
    "US": ("United States", "USA", "U.S.A.", "U.S.", "America", "美利坚合众国"),
    "VA": ("Vatican", "Holy See", "Holy See (Vatican City State)"),
    "VE": ("Bolivarian Republic of Venezuela",),
    "VN": ("Viet Nam",),
}


def key_of(name: str) -> str:
    """What is left of a name when case, accents, punctuation and a leading "the" are taken away: two spellings, one key.

    "Côte d'Ivoire" and "COTE D’IVOIRE" meet, "The Gambia" and "Gambia (the)" too; scripts other than Latin stay as they are.
    """
    spread = unicodedata.normalize("NFKD", name.replace("&", " and ").replace("ß", "ss"))
    kept = "".join(character for character in spread if not unicodedata.combining(character)).casefold()
    kept = kept.replace("'", "").replace("\u2019", "").replace(".", "")
    words = "".join(character if character.isalnum() else " " for character in unicodedata.normalize("NFC", kept)).split()
    while len(words) > 1 and words[0] == "the":
        words.pop(0)
    while len(words) > 1 and words[-1] == "the":
        words.pop()
    return " ".join(words)


@dataclass(frozen=True)
class CountryNames:
    """One entry of ISO 3166 with its name in both languages and all other names it goes by."""

    code: str
    name_en: str
    name_zh: str
    aliases: tuple[str, ...]


@cache
def library_countries() -> tuple[CountryNames, ...]:
    """Every entry of ISO 3166. No alias is another entry's own name, and none stands for two entries."""
    with translation.override("en"):
        english = {country.code: str(country.name).strip() for country in countries}
    with translation.override("zh-hans"):
        other_chinese = {country.code: str(country.name).strip() for country in countries}
    cldr_english, cldr_chinese = (Locale.parse(name).territories for name in ("en", "zh_Hans"))
    chinese = {code: other_chinese[code] if code in BOTH_FROM_COUNTRIES else cldr_chinese[code] for code in english}

    own_keys = {key_of(name) for names in (english, chinese) for name in names.values()}
    claims: dict[str, dict[str, str]] = defaultdict(dict)  # key, then code: the alias as it was spelled
    for code in english:
        for alias in (cldr_english[code], cldr_chinese[code], other_chinese[code], countries.alpha3(code), *SPOKEN_NAMES.get(code, ())):
            claims[key_of(alias)].setdefault(code, alias)
    aliases: dict[str, list[str]] = defaultdict(list)
    for key, claimed in claims.items():
        if key and key not in own_keys and len(claimed) == 1:
            (code, alias) = next(iter(claimed.items()))
            aliases[code].append(alias)
    return tuple(CountryNames(code, english[code], chinese[code], tuple(aliases[code])) for code in sorted(english))
