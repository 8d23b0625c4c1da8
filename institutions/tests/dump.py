"""A small data dump in the form of ROR's schema 2. Every organisation in it is made up."""

import json
import zipfile
from pathlib import Path
from typing import Any


def ror_id(number: int) -> str:
    return f"https://ror.org/0aaaa{number // 100:02d}{number % 100:02d}"


def record(number: int, name: str, *others: tuple[str, str, str], country: str | None = "FR", status: str = "active", **more: Any) -> dict[str, Any]:
    """One organisation; `others` are further names: text, language ("" for none), type."""
    names = [{"value": name, "lang": more.pop("lang", "en"), "types": ["label", "ror_display"]}]
    names += [{"value": text, "lang": language or None, "types": [kind]} for text, language, kind in others]
    place = {"geonames_id": 1, "geonames_details": {"country_code": country, "country_name": "x", "name": "x", "lat": 1.5, "lng": 2}}
    return {
        "admin": {"created": {"date": "2018-11-14", "schema_version": "1.0"}, "last_modified": {"date": "2026-01-01", "schema_version": "2.1"}},
        "domains": more.pop("domains", []),
        "established": 1900,
        "external_ids": [{"type": "isni", "all": ["0000 0001"], "preferred": None}],
        "id": ror_id(number),
        "links": [{"type": "website", "value": f"https://www.example.org/{number}"}, {"type": "wikipedia", "value": "http://en.wikipedia.org/x"}],
        "locations": [place] if country else [],
        "names": names,
        "relationships": [{"id": ror_id(parent), "label": "x", "type": "parent"} for parent in more.pop("parents", ())]
        + [{"id": ror_id(child), "label": "x", "type": "child"} for child in more.pop("children", ())],
        "status": status,
        "types": more.pop("types", ["education"]),
        **more,
    }


def a_dozen() -> list[dict[str, Any]]:
    return [
        record(
            1,
            "Academy of Modelled Sciences",
            ("AMS", "", "acronym"),
            ("虚构科学院", "zh", "label"),
            country="CN",
            types=["government", "funder"],
            children=[2],
        ),
        record(
            2,
            "Institute of Invented Geology, Academy of Modelled Sciences",
            ("Xugou Dizhi Yanjiusuo", "zh", "alias"),
            ("虚构地质研究所", "zh", "alias"),
            country="CN",
            types=["facility"],
            parents=[1, 99],
            domains=["igams.example.cn", "not a domain", "IGAMS.example.cn"],
        ),
        record(3, "University of Nowhere", ("جامعة لا مكان", "ar", "label"), ("لا مكان", "ar", "alias"), country="EG"),
        record(4, "Universität Łübeck-Øst", ("University of Lubeck East", "en", "label"), ("ULO", "de", "acronym"), country="DE", lang="de"),
        record(5, "Museum of Imaginary Rocks", ("Musée des roches imaginaires", "fr", "label"), types=["archive"]),
        record(6, "Fictional Space Agency", ("空想宇宙機構", "ja", "label"), country="JP", types=["government"]),
        record(7, "Closed College", status="inactive"),
        record(8, "Entered in Error", status="withdrawn", country=None),
        record(9, "Nowhere on Earth", country=None),
        record(10, "Institute of an Unknown Country", country="ZZ"),
        record(11, "x" * 201),
        record(
            12,
            "Hospital of\u202e the\x00 Moon <b>",
            ("Moon Clinic", "", "alias"),
            ("moon  clinic", "en", "alias"),
            types=["healthcare", "other"],
            country="US",
        ),
    ]


def write_dump(path: Path, records: list[Any]) -> Path:
    path.write_text(json.dumps(records, indent=4, ensure_ascii=False), encoding="utf-8")
    return path


def write_zip(path: Path, **members: Any) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(name.replace("__", ".").replace("_dash_", "-"), json.dumps(content))
    return path
