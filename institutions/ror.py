"""Reads the data dump of ROR, the public registry of research organisations (schema 2, ror.org, CC0): what of it the register takes.

The dump is one JSON list of some 150,000 organisations, or the .zip that holds it. It is read as a stream: memory stays the same.
"""

import hashlib
import json
import re
import zipfile
import zlib
from collections.abc import Container, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from functools import cache
from itertools import islice
from pathlib import Path
from typing import IO, Any

import ijson
from babel.languages import get_official_languages

from accounts.names import tidy_name
from institutions.models import HAN, MOST_ALIASES, Kind, RorStatus
from institutions.names import key_of
from institutions.search import ror_id_in

LONGEST_NAME = 200
MOST_DOMAINS = 20
DOMAIN = re.compile(r"(?=.{4,253}\Z)[\w-]+(?:\.[\w-]+)+\Z")
WEBSITE = re.compile(r"https?://[^\s\x00-\x1f\x7f]{1,480}\Z")
SPACE_AGENCY = re.compile(
    r"\bspace (?:agency|administration|commission)\b|aerospace exploration agency|agenzia spaziale|ag[eê]ncia espacial|agence spatiale"
    r"|études spatiales|航天局",
    re.IGNORECASE,
)
MUSEUM = re.compile(r"\bmuse(?:um|ums|o|u|e)\b|\bmusée|planetarium|博物馆|博物院|科技馆|天文馆", re.IGNORECASE)


class BadDump(Exception):
    """The file is not what ROR publishes, or it is damaged."""


class BadEntry(Exception):
    """One organisation of the file cannot be taken in; the text names it by its ROR id."""


@dataclass(frozen=True)
class RorEntry:
    """What the register takes of one organisation. Of one that is closed or withdrawn only that it is."""

    ror_id: str
    status: str
    name_en: str = ""
    name_local: str = ""
    official_names: tuple[str, ...] = ()  # how it calls itself, in any language: by these a row without ROR id is recognised
    aliases: tuple[str, ...] = ()
    kind: str = ""
    country_code: str = ""
    website: str = ""
    parents: tuple[str, ...] = ()
    domains: tuple[str, ...] = ()

    @property
    def is_active(self) -> bool:
        return self.status == RorStatus.ACTIVE


@dataclass(frozen=True)
class Batch:
    """Some organisations as the file has them, how many came before, and the part of the file that is read by now."""

    records: list[Any]
    before: int
    part_read: float


# --- The file -------------------------------------------------------------------------------------------------------------


def digest_of(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


class _Counted:
    """A stream that knows how much of it was read."""

    def __init__(self, stream: IO[bytes], size: int) -> None:
        self.stream, self.size, self.count = stream, size, 0

    def read(self, size: int = -1) -> bytes:
        content = self.stream.read(size)
        self.count += len(content)
        return content

    @property
    def part_read(self) -> float:
        return min(self.count / self.size, 1) if self.size else 1


def _member(archive: zipfile.ZipFile) -> zipfile.ZipInfo:
    """The JSON file of schema 2; some releases hold one of schema 1 as well."""
    members = [member for member in archive.infolist() if member.filename.endswith(".json") and not member.filename.startswith("__MACOSX")]
    chosen = [member for member in members if "schema_v2" in member.filename] or members
    if len(chosen) != 1:
        raise BadDump(f"the archive holds {len(chosen)} JSON files; name the one of schema 2 by unpacking it")
    return chosen[0]


def _opened(path: Path, stack: ExitStack) -> _Counted:
    if not zipfile.is_zipfile(path):
        return _Counted(stack.enter_context(path.open("rb")), path.stat().st_size)
    archive = stack.enter_context(zipfile.ZipFile(path))
    member = _member(archive)
    return _Counted(stack.enter_context(archive.open(member)), member.file_size)


def batches_of(path: Path, *, skip: int, size: int) -> Iterator[Batch]:
    """The organisations in the order of the file, without the first `skip`. Raises BadDump, for a damaged file when the damage is reached."""
    with ExitStack() as stack:
        try:
            if not _opened(path, stack).read(4096).lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"["):
                raise BadDump("this is no list in JSON; take the file v…-ror-data.json, or the .zip that holds it, from ror.org")
            stream = _opened(path, stack)
            records = islice(ijson.items(stream, "item", use_float=True), skip, None)
            before = skip
            while found := list(islice(records, size)):
                if not before:
                    _refuse_other_schemas(found[0])
                yield Batch(found, before, stream.part_read)
                before += len(found)
            if not before:
                raise BadDump("the list is empty")
        except (ijson.JSONError, UnicodeDecodeError, zipfile.BadZipFile, zlib.error, EOFError) as problem:
            raise BadDump(f"the file is damaged or cut off ({problem})".replace("\n", " ")) from problem


def _refuse_other_schemas(record: Any) -> None:
    if isinstance(record, dict) and "name" in record and "names" not in record:
        raise BadDump("this is schema 1 of ROR; take the file of schema 2")
    if not isinstance(record, dict) or not {"id", "names", "status"} <= record.keys():
        raise BadDump("this is no data dump of ROR: its first entry has no id, names and status")


# --- One organisation -----------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class _Name:
    text: str
    types: frozenset[str]
    language: str

    @property
    def is_official(self) -> bool:
        return bool(self.types & {"ror_display", "label"})


def _texts(values: Any) -> frozenset[str]:
    return frozenset(value for value in values if isinstance(value, str)) if isinstance(values, list) else frozenset()


def _objects(values: Any) -> list[dict[str, Any]]:
    return [value for value in values if isinstance(value, dict)] if isinstance(values, list) else []


def _names(record: dict[str, Any]) -> list[_Name]:
    found = []
    for name in _objects(record.get("names")):
        text = tidy_name(name["value"]) if isinstance(name.get("value"), str) else ""
        if key_of(text) and len(text) <= LONGEST_NAME:
            language = name.get("lang") if isinstance(name.get("lang"), str) else ""
            found.append(_Name(text, _texts(name.get("types")), str(language).casefold()))
    return found


@cache
def _local_languages(country: str) -> tuple[str, ...]:
    codes = (code.split("_")[0] for code in get_official_languages(country, regional=True, de_facto=True))
    return tuple(dict.fromkeys(code for code in codes if code != "en"))


def _local_name(names: list[_Name], name_en: str, country: str) -> str:
    """In an official language of the country; a Chinese one has Chinese characters (files call pinyin Chinese as well)."""
    official_first = sorted(names, key=lambda name: not name.is_official)
    for language in _local_languages(country):
        for name in official_first:
            if language == "zh":
                fits = name.language in ("zh", "") and "acronym" not in name.types and HAN.search(name.text) is not None
            else:
                fits = name.language == language and name.is_official
            if fits and name.text != name_en:
                return name.text
    return ""


def _kind(types: frozenset[str], names: list[_Name]) -> str:
    """ROR knows eight types and an organisation may have several; the register knows five kinds. What names itself a museum is one,
    and what ROR calls an archive (it means libraries, museums and zoos) too, unless it teaches."""
    official = [name.text for name in names if name.is_official]
    if "education" in types:
        return Kind.UNIVERSITY
    if "archive" in types or any(map(MUSEUM.search, official)):
        return Kind.MUSEUM
    return Kind.AGENCY if any(map(SPACE_AGENCY.search, official)) else Kind.INSTITUTE


def _country(record: dict[str, Any]) -> str:
    for location in _objects(record.get("locations")):
        details = location.get("geonames_details")
        code = details.get("country_code") if isinstance(details, dict) else None
        if isinstance(code, str) and code:
            return code.upper()
    return ""


def _website(record: dict[str, Any]) -> str:
    links = (link.get("value") for link in _objects(record.get("links")) if link.get("type") == "website")
    return next((link for link in links if isinstance(link, str) and WEBSITE.match(link)), "")


def _parents(record: dict[str, Any]) -> tuple[str, ...]:
    ids = (relation.get("id") for relation in _objects(record.get("relationships")) if str(relation.get("type")).casefold() == "parent")
    return tuple(dict.fromkeys(ror_id for ror_id in ids if isinstance(ror_id, str) and ror_id_in(ror_id) == ror_id))


def _domains(record: dict[str, Any]) -> tuple[str, ...]:
    tidy = (domain.strip().casefold() for domain in sorted(_texts(record.get("domains"))))
    return tuple(dict.fromkeys(domain for domain in tidy if DOMAIN.match(domain)))[:MOST_DOMAINS]


def read_entry(record: Any, *, place: int, countries: Container[str]) -> RorEntry:
    """One organisation. `place` is its number in the file, `countries` the codes that the register knows. Raises BadEntry."""
    if not isinstance(record, dict):
        raise BadEntry(f"organisation {place} of the file: {json.dumps(record, ensure_ascii=True, default=str)[:60]} is no organisation")
    ror_id, status = record.get("id"), record.get("status")
    if not isinstance(ror_id, str) or ror_id_in(ror_id) != ror_id:
        raise BadEntry(f"organisation {place} of the file: {json.dumps(ror_id, ensure_ascii=True, default=str)[:60]} is no ROR id")
    if status not in RorStatus.values:
        raise BadEntry(f"{ror_id}: its status is {json.dumps(status, ensure_ascii=True, default=str)[:60]}, not active, inactive or withdrawn")
    if status != RorStatus.ACTIVE:
        return RorEntry(ror_id, str(status))
    names, country = _names(record), _country(record)
    if not any(name.is_official for name in names):
        raise BadEntry(f"{ror_id}: it has no name of at most {LONGEST_NAME} characters")
    if not country:
        raise BadEntry(f"{ror_id}: it has no country")  # to call it international would let it into rounds for the other audience
    if country not in countries:
        raise BadEntry(f"{ror_id}: its country {country[:10]!a} is not in the register of countries and regions")
    display = next((name for name in names if "ror_display" in name.types), next(name for name in names if name.is_official))
    english = display if display.language == "en" else next((name for name in names if name.is_official and name.language == "en"), display)
    name_local = _local_name(names, english.text, country)
    others: dict[str, str] = {}
    for name in sorted(names, key=lambda name: ("acronym" not in name.types, not name.is_official, not HAN.search(name.text), name.text)):
        if key_of(name.text) not in (key_of(english.text), key_of(name_local)):
            others.setdefault(key_of(name.text), name.text)
    return RorEntry(
        ror_id,
        str(status),
        name_en=english.text,
        name_local=name_local,
        official_names=tuple(name.text for name in names if name.is_official),
        aliases=tuple(islice(others.values(), MOST_ALIASES)),
        kind=_kind(_texts(record.get("types")), names),
        country_code=country,
        website=_website(record),
        parents=_parents(record),
        domains=_domains(record),
    )
