"""What a letter's PDF needs beyond the words for archives and for readers who cannot see: PDF/A-2a and PDF/UA-1.

WeasyPrint declares one standard, tags every table as data, names one language, and leaves page numbers beside the tree. The finisher,
WeasyPrint's own hook before the file is written, declares both, tells layout from data, names the language of every text, marks what
stands in the margins as no part of the text, and says what each heading of a table is for.
"""

from collections.abc import Iterator
from typing import Any

import pydyf
from weasyprint import Document
from weasyprint.formatting_structure import boxes
from weasyprint.layout.absolute import AbsolutePlaceholder

VARIANT = "pdf/a-2a"
_ABOUT = b'<rdf:Description xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" rdf:about=""'
# PDF/A wants every foreign property described: ISO 19005-2, 6.6.2.3.
_DECLARED_UA = (
    _ABOUT
    + b' xmlns:pdfuaid="http://www.aiim.org/pdfua/ns/id/"><pdfuaid:part>1</pdfuaid:part></rdf:Description>'
    + _ABOUT
    + b' xmlns:pdfaExtension="http://www.aiim.org/pdfa/ns/extension/" xmlns:pdfaSchema="http://www.aiim.org/pdfa/ns/schema#"'
    b' xmlns:pdfaProperty="http://www.aiim.org/pdfa/ns/property#"><pdfaExtension:schemas><rdf:Bag><rdf:li rdf:parseType="Resource">'
    b"<pdfaSchema:schema>PDF/UA Universal Accessibility Schema</pdfaSchema:schema>"
    b"<pdfaSchema:namespaceURI>http://www.aiim.org/pdfua/ns/id/</pdfaSchema:namespaceURI><pdfaSchema:prefix>pdfuaid</pdfaSchema:prefix>"
    b'<pdfaSchema:property><rdf:Seq><rdf:li rdf:parseType="Resource"><pdfaProperty:name>part</pdfaProperty:name>'
    b"<pdfaProperty:valueType>Integer</pdfaProperty:valueType><pdfaProperty:category>internal</pdfaProperty:category>"
    b"<pdfaProperty:description>Indicates, which part of ISO 14289 standard is followed</pdfaProperty:description>"
    b"</rdf:li></rdf:Seq></pdfaSchema:property></rdf:li></rdf:Bag></pdfaExtension:schemas></rdf:Description>"
)
_END_OF_XMP = b"</rdf:RDF>"


class NotFinished(Exception):
    """The file is not built as expected: another WeasyPrint than the one that the requirements name."""


def finish(document: Document, pdf: pydyf.PDF) -> None:
    _declare(pdf)
    _Tree(document, pdf).mend()


def _number(reference: Any) -> int:
    """The number of the object behind a reference (b"12 0 R")."""
    return int(reference.split()[0])


def _declare(pdf: pydyf.PDF) -> None:
    """Say PDF/UA-1 beside the PDF/A-2a that is there."""
    metadata = pdf.objects[_number(pdf.catalog["Metadata"])]
    (xmp,) = metadata.stream
    if xmp.count(_END_OF_XMP) != 1:
        raise NotFinished("no end of the metadata")
    metadata.stream = [xmp.replace(_END_OF_XMP, _DECLARED_UA + _END_OF_XMP)]


def _texts_of(box: Any) -> Iterator[Any]:
    """The boxes with words, in the order in which WeasyPrint tags them."""
    if isinstance(box, AbsolutePlaceholder):
        box = box._box
    if isinstance(box, boxes.TextBox):
        yield box
    else:
        for child in getattr(box, "children", ()):
            yield from _texts_of(child)


class _Tree:
    """The tags of one file while they are mended."""

    def __init__(self, document: Document, pdf: pydyf.PDF) -> None:
        self.pdf = pdf
        self.default = document.metadata.lang or ""
        self.elements: list[Any] = [each for each in pdf.objects if isinstance(each, dict) and each.get("Type") == "/StructElem"]
        self.root = pdf.objects[_number(pdf.catalog["StructTreeRoot"])]
        leaves = [element for element in self.elements if element["S"] == "/Span" and [type(kid) for kid in element["K"]] == [int]]
        words = [box for page in document.pages for box in _texts_of(page._page_box)]
        if len(leaves) != len(words):
            raise NotFinished(f"{len(leaves)} tags for {len(words)} texts")
        self.languages = {leaf.number: box.style["lang"] or self.default for leaf, box in zip(leaves, words, strict=True)}

    def mend(self) -> None:
        (document,) = self._elements_in(self.root)
        reached = {document.number}
        self._name_languages(document, reached)
        if document.get("Lang") is None:
            document["Lang"] = pydyf.String(self.default)
        self._tell_layout_from_data(document, in_head=False)
        self._take_margins_out(reached)

    def _elements_in(self, element: Any) -> list[Any]:
        """The elements under one: what is no reference is content of the page itself."""
        return [self.pdf.objects[_number(kid)] for kid in element["K"] if isinstance(kid, bytes)]

    def _name_languages(self, element: Any, reached: set[int]) -> str:
        """Name the language of everything under an element, as high up as one holds for all; that language, or nothing."""
        reached.add(element.number)
        if element.number in self.languages:
            return str(self.languages[element.number])
        kids = self._elements_in(element)
        found = {kid.number: self._name_languages(kid, reached) for kid in kids}
        spoken = {language for language in found.values() if language}
        if len(spoken) == 1 and element["S"] != "/Document":
            return spoken.pop()
        for kid in kids:
            if found[kid.number]:
                kid["Lang"] = pydyf.String(found[kid.number])
        return ""

    def _own_headings(self, table: Any) -> bool:
        """Whether a table has heading cells of its own, not only in a table inside it."""
        return any(
            kid["S"] == "/TH" or (kid["S"] in ("/THead", "/TBody", "/TFoot", "/TR", "/NonStruct") and self._own_headings(kid))
            for kid in self._elements_in(table)
        )

    def _tell_layout_from_data(self, element: Any, *, in_head: bool) -> None:
        for kid in self._elements_in(element):
            tag = kid["S"]
            if tag == "/Table" and not self._own_headings(kid):
                self._untable(kid)
            elif tag == "/TH":
                kid["A"]["Scope"] = "/Column" if in_head else "/Row"
            self._tell_layout_from_data(kid, in_head=in_head or tag == "/THead")

    def _untable(self, element: Any) -> None:
        """A table that only sets columns is a division with divisions."""
        element["S"] = "/Div"
        element.pop("A", None)
        for kid in self._elements_in(element):
            if kid["S"] in ("/THead", "/TBody", "/TFoot", "/TR", "/TD"):
                self._untable(kid)

    def _take_margins_out(self, reached: set[int]) -> None:
        """Number and page count in the margins are told by no tag, so they are no content either."""
        numbers = self.pdf.objects[_number(self.root["ParentTree"])]["Nums"]
        owners = dict(zip(numbers[::2], numbers[1::2], strict=True))
        marks: dict[int, set[int]] = {}
        for element in self.elements:
            if element.number in reached:
                continue
            page = self.pdf.objects[_number(element["Pg"])]
            mine = {kid for kid in element["K"] if isinstance(kid, int)}
            marks.setdefault(_number(page["Contents"]), set()).update(mine)
            for mark in mine:
                owners[page["StructParents"]][mark] = b"null"
            element.clear()
        for number, found in marks.items():
            self._make_artifacts(self.pdf.objects[number].stream, found)

    def _make_artifacts(self, stream: list[Any], marks: set[int]) -> None:
        for at, item in enumerate(stream):
            if isinstance(item, pydyf.Dictionary) and item.get("MCID") in marks:
                marks.remove(item["MCID"])
                stream[at - 1], stream[at] = "/Artifact", pydyf.Dictionary({"Type": "/Pagination"})
        if marks:
            raise NotFinished(f"{len(marks)} texts in the margins are not on their pages")
