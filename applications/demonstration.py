"""Openly fictional answers to every question, for the demonstration, the benchmark and the tests."""

import io
from collections.abc import Iterable

import pikepdf
from pikepdf import Dictionary, Name

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


PLAN_PAGES: tuple[tuple[str, ...], ...] = (
    (
        "Research plan (fictional)",
        "",
        "1. Question",
        "How much solar-wind water do impact glasses keep, and for how long?",
        "Drilled soil from a known depth separates the time of exposure from",
        "the composition, which no scooped soil can do.",
        "",
        "2. Samples",
        "About 60 glass beads of 50 to 200 micrometres, picked under nitrogen.",
        "No bead is crushed; each goes back with its mount and its record.",
        "",
        "3. Steps",
        "Picking and photographs, two weeks",
        "Infrared mapping (FTIR) before any beam touches a bead",
        "Line profiles of hydrogen isotopes (NanoSIMS), steps of 2 micrometres",
    ),
    (
        "4. What is expected",
        "",
        "A profile that falls from rim to core within 30 micrometres tells of",
        "water that came in from outside; a flat one tells of water that was",
        "there when the glass froze. Figure 1 shows the two cases.",
    ),
)
FIGURE = (
    "q 1 0 0 1 100 260 cm 0.6 G 0 0 m 400 0 l S 0 0 m 0 220 l S 0.15 0.3 0.65 RG 2.5 w 0 200 m 60 60 120 30 400 18 c S "
    "0.75 0.45 0.1 RG 0 92 m 130 96 270 88 400 92 c S 0 g BT /F1 11 Tf 1 0 0 1 0 -20 Tm (rim) Tj 1 0 0 1 376 -20 Tm (core) Tj "
    "1 0 0 1 120 150 Tm (Figure 1: two profiles of water, drawn by hand, not measured) Tj ET Q"
)


def plan_pdf() -> bytes:
    """A research plan of two pages with a figure, as somebody might attach it."""
    pdf, out = pikepdf.new(), io.BytesIO()
    font = pdf.make_indirect(Dictionary(Type=Name.Font, Subtype=Name.Type1, BaseFont=Name.Helvetica))
    for number, lines in enumerate(PLAN_PAGES):
        pdf.add_blank_page(page_size=(595, 842))
        shown = " T* ".join(f"({line.replace('(', '[').replace(')', ']')}) Tj" for line in lines)
        page = pdf.pages[number].obj
        page.Resources = Dictionary(Font=Dictionary(F1=font))
        page.Contents = pdf.make_stream(f"BT /F1 13 Tf 20 TL 72 760 Td {shown} ET {FIGURE if number else ''}".encode())
    pdf.save(out, deterministic_id=True)
    return out.getvalue()
