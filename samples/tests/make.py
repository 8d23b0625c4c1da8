"""Samples for tests."""

from typing import Any

from samples.actions import take_in
from samples.models import Form, Method, Mission, Sample
from samples.numbers import parent_numbers, parse_number


def make_mission(slug: str = "change-5") -> Mission:
    """A mission as the migration wrote it; a test that emptied the tables gets it again."""
    code = "CE6" if slug == "change-6" else "CE5"
    facts = {
        "code": code,
        "name_en": f"Chang’e-{code[-1]}",
        "name_zh": "嫦娥六号" if code == "CE6" else "嫦娥五号",
        "launched_at": "2020-11-23T20:30:00Z" if code == "CE5" else "2024-05-02T16:00:00Z",
        "landed_at": "2020-12-01T15:11:00Z" if code == "CE5" else "2024-06-01T22:23:00Z",
        "latitude": "43.0576" if code == "CE5" else "-41.63",
        "longitude": "-51.9161" if code == "CE5" else "-153.98",
        "returned_at": "2020-12-16T17:59:00Z" if code == "CE5" else "2024-06-24T16:00:00Z",
        "mass_g": "1731" if code == "CE5" else "1935.3",
        "scoops": 12 if code == "CE5" else 8,
        "site_en": "Oceanus Procellarum",
        "site_zh": "风暴洋",
        "drill_en": "Core",
        "drill_zh": "岩芯",
        "age_en": "Basalt",
        "age_zh": "玄武岩",
        "source": "a test",
    }
    mission, _ = Mission.objects.get_or_create(slug=slug, defaults=facts)
    return mission


def make_sample(number: str = "CE5C0600", *, mass_ug: int | None = 4_350_000, **fields: Any) -> Sample:
    """A sample with `mass_ug` in the vault, taken in through the ledger; None for an unknown mass. Method, form and parent come from
    the number unless given."""
    parts = parse_number(number)
    fields.setdefault("mission", make_mission("change-6" if number.startswith("CE6") else "change-5"))
    fields.setdefault("method", parts.method if parts else Method.SCOOPED)
    fields.setdefault("form", parts.form if parts else Form.POWDER)
    if "parent" not in fields:
        candidates = parent_numbers(number)
        listed = {parent.number: parent for parent in Sample.objects.filter(number__in=candidates)}
        fields["parent"] = next((listed[name] for name in candidates if name in listed), None)
    sample = Sample.objects.create(number=number, **fields)
    if mass_ug:
        take_in(sample, mass_ug, reason="made for a test", by=None)
        sample.refresh_from_db()
    return sample
