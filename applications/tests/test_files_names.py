"""The names of attached files, as shown and as saved by a reader's computer (quality: S-42)."""

import pytest
from django.utils.http import content_disposition_header

from applications.files.names import cleaned_name, is_pdf_name

CHINESE = "月球样品研究计划与图件" * 8


@pytest.mark.parametrize(
    ("sent", "shown"),
    [
        ("plan.pdf", "plan.pdf"),
        ("Plan 2026.PDF", "Plan 2026.pdf"),
        ("研究计划.pdf", "研究计划.pdf"),
        ("../../etc/passwd.pdf", "passwd.pdf"),
        ("/absolute/plan.pdf", "plan.pdf"),
        ("C:\\Users\\Jane\\plan.pdf", "plan.pdf"),
        ("plan\x00.exe.pdf", "plan_exe.pdf"),
        ("plan.html.pdf", "plan_html.pdf"),
        ("plan.pdf.exe.pdf", "plan.pdf_exe.pdf"),
        ("con.pdf", "_con.pdf"),
        ("LPT1.notes.pdf", "_LPT1.notes.pdf"),
        ("plan.pdf.", "plan.pdf"),
        ("plan.pdf  ", "plan.pdf"),
        ("\u202efdp.exe.pdf", "fdp_exe.pdf"),
        ("pl\u200ban\r\nSet-Cookie: a.pdf", "planSet-Cookie_ a.pdf"),
        ('a"b<c>|?*.pdf', "a_b_c.pdf"),
        (".pdf", "document.pdf"),
        ("...pdf", "document.pdf"),
        ("", "document.pdf"),
    ],
)
def test_a_name_is_shown_without_tricks(sent: str, shown: str) -> None:
    assert cleaned_name(sent) == shown


@pytest.mark.parametrize("name", ["a" * 300 + ".pdf", "月" * 300 + ".pdf", CHINESE[:83] + ".pdf", "😀" * 200 + ".pdf"])
def test_a_long_name_is_cut_between_characters_and_keeps_its_extension(name: str) -> None:
    shown = cleaned_name(name)
    assert shown.endswith(".pdf")
    assert len(shown.encode()) <= 240
    assert len(shown) <= 200
    assert "\ufffd" not in shown


def test_names_that_are_taken_are_numbered() -> None:
    assert cleaned_name("Plan.pdf", taken=["plan.pdf"]) == "Plan (2).pdf"
    assert cleaned_name("plan.pdf", taken=["plan.pdf", "plan (2).pdf"]) == "plan (3).pdf"
    long = cleaned_name("月" * 300 + ".pdf")
    second = cleaned_name("月" * 300 + ".pdf", taken=[long])
    assert second.endswith(" (2).pdf")
    assert len(second.encode()) <= 240


@pytest.mark.parametrize(
    ("name", "is_pdf"), [("a.pdf", True), ("a.PDF ", True), ("a.pdf.exe", False), ("pdf", False), ("a．pdf", False), ("a.pdf/", False)]
)
def test_the_extension_decides_beside_the_content(name: str, is_pdf: bool) -> None:
    assert is_pdf_name(name) is is_pdf


def test_a_chinese_name_goes_out_in_the_form_of_rfc_6266() -> None:
    assert content_disposition_header(True, cleaned_name("研究计划.pdf")) == ("attachment; filename*=utf-8''%E7%A0%94%E7%A9%B6%E8%AE%A1%E5%88%92.pdf")
