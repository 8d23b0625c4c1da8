"""Writing each object once: the file says what pydyf would have written itself."""

import io
from collections.abc import Callable

import pikepdf
import pydyf

from letters.writing import write_once


class Counted(pydyf.Dictionary):
    """Counts how often its bytes are asked for."""

    asked = 0

    @property
    def data(self) -> bytes:
        self.asked += 1
        return bytes(super().data)


def small_file(counted: pydyf.Dictionary) -> pydyf.PDF:
    pdf = pydyf.PDF()
    page = pydyf.Stream([b"BT", "/F1 12 Tf", b"stream\n", b"endstream", b"ET"] * 50, {"Marked": "/Yes"}, compress=True)
    plain = pydyf.Stream([b"<x:xmpmeta/>"], {"Type": "/Metadata"})
    for each in (page, plain, counted):
        pdf.add_object(each)
    box = pydyf.Array([0, 0, 9, 9])
    fields = {"Type": "/Page", "Parent": pdf.pages.reference, "Resources": pydyf.Dictionary(), "MediaBox": box, "Contents": page.reference}
    pdf.add_page(pydyf.Dictionary(fields))
    pdf.catalog["Metadata"] = plain.reference
    pdf.info["Title"] = pydyf.String("Lunar samples 月球样品")
    return pdf


def read(change: Callable[[pydyf.PDF], None], counted: pydyf.Dictionary) -> list[object]:
    pdf, written = small_file(counted), io.BytesIO()
    change(pdf)
    pdf.write(written, identifier=True, compress=True)
    with pikepdf.open(written) as file:
        assert not file.check_pdf_syntax()
        streams = [each for each in file.objects if isinstance(each, pikepdf.Stream)]
        return [
            *(each.read_bytes() for each in streams if each.get("/Type") not in ("/ObjStm", "/XRef")),
            *(repr(each) for each in file.objects if not isinstance(each, pikepdf.Stream)),
            file.docinfo["/Title"],
        ]


def test_an_object_is_asked_for_its_bytes_once_and_the_file_is_the_same() -> None:
    once, twice = Counted({"Type": "/Test"}), Counted({"Type": "/Test"})
    assert read(write_once, once) == read(lambda pdf: None, twice)
    assert (once.asked, twice.asked) == (1, 2)
