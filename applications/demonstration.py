"""Openly fictional answers to every question, for the demonstration, the benchmark and the tests."""

from collections.abc import Iterable

from applications.questions import NO, RESEARCH, WELFARE, YES, line_name
from samples.models import Sample

COMMON: dict[str, str] = {
    "principal_position": "Professor of planetary materials (fictional)",
    "principal_experience": "Ten years of work with meteorites and returned samples; two published studies of impact glass.",
    "safe_use_name": "Dr. Example Keeper",
    "safe_use_position": "Head of the clean laboratory",
    "safe_use_email": "keeper@example.org",
    "other_users": "Example Student, the same institution, picking and mounting",
    "legal_representative": "Prof. Example President",
    "institution_address": "1 Crater Road, Exampletown",
    "storage": "In a glove box under dry nitrogen, in a class 1,000 clean room that is used for nothing else.",
    "security": "In a safe inside the clean room; two people hold the keys; alarm and camera day and night.",
    "transport": "The applicant fetches the samples in Beijing and brings them back in a sealed box, as hand luggage.",
    "loan_months": "2",
    "schedule": "Month 1: description. Month 2: measurement and return.",
    "earlier_results": "",
    "funding": "The institution's own budget, granted.",
    "clearance": "none",
    "nothing_attached": YES,
    "declared_true": YES,
    "declared_use": YES,
    "declared_return": YES,
    "declared_results": YES,
}

ANSWERS: dict[str, dict[str, str]] = {
    RESEARCH: COMMON
    | {
        "field": "volatiles",
        "significance": "It tells how much water the solar wind leaves in the soil, for every place on the Moon.",
        "third_party": NO,
        "records": "The head of the laboratory writes the record each day; a camera films every destructive step.",
        "expected_results": "Two papers and a data set in an open repository.",
    },
    WELFARE: COMMON
    | {
        "venue": "Example Museum of the Sky, Hall 2, Exampletown",
        "opens_on": "2027-03-01",
        "closes_on": "2027-04-15",
        "display_case": "A sealed case of laminated glass with a shock sensor and two locks.",
        "atmosphere": "Dry nitrogen, slightly above the pressure outside, logged every minute.",
        "guarding": "Two guards by day, alarm and camera by night.",
    },
}


def line_answers(samples: Iterable[Sample]) -> dict[str, str]:
    """What is said about each sample: a technique that leaves it whole."""
    answers = {}
    for sample in samples:
        answers[line_name(sample.number, "technique")] = "Raman spectroscopy and electron microscopy, uncoated"
        answers[line_name(sample.number, "destructive")] = NO
    return answers
