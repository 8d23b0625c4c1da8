"""What a letter's file must have to be archived (PDF/A-2a) and read aloud (PDF/UA-1), as far as it can be told without a validator."""

import io
import itertools
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any
from xml.etree import ElementTree as ET

import pikepdf
from fontTools.ttLib import TTFont

NAMES = {
    "rdf": "http://www.w3.org/1999/02/22-rdf-syntax-ns#",
    "dc": "http://purl.org/dc/elements/1.1/",
    "pdfaid": "http://www.aiim.org/pdfa/ns/id/",
    "pdfuaid": "http://www.aiim.org/pdfua/ns/id/",
    "pdfaSchema": "http://www.aiim.org/pdfa/ns/schema#",
}
HAN = re.compile("[\u3400-\u9fff]")
WORD = re.compile("[A-Za-z]{4,}")


@dataclass
class Said:
    """A piece of text of a page, as the page draws it."""

    text: str
    is_artifact: bool
    mark: int | None


@dataclass
class Leaf:
    language: str
    tags: tuple[str, ...]


@dataclass
class Check:
    pdf: Any
    lacks: list[str] = field(default_factory=list)
    leaves: dict[tuple[int, int], Leaf] = field(default_factory=dict)  # (page, mark)
    tags: list[str] = field(default_factory=list)  # in reading order

    def want(self, holds: bool, lack: str) -> None:
        if not holds and lack not in self.lacks:
            self.lacks.append(lack)

    def run(self) -> list[str]:
        self.declared()
        self.catalog()
        self.fonts()
        if "/StructTreeRoot" in self.pdf.Root:
            pages = {page.objgen: number for number, page in enumerate(self.pdf.pages)}
            self.walk(self.pdf.Root.StructTreeRoot, "", (), pages)
            self.structure()
            for number, page in enumerate(self.pdf.pages):
                self.page(number, page)
        return self.lacks

    def declared(self) -> None:
        metadata = self.pdf.Root.get("/Metadata")
        xmp = ET.fromstring(metadata.read_bytes()) if metadata is not None else ET.Element("nothing")
        descriptions = list(xmp.iter(f"{{{NAMES['rdf']}}}Description"))

        def value(space: str, name: str) -> str:
            key = f"{{{NAMES[space]}}}{name}"
            found = [each.attrib[key] for each in descriptions if key in each.attrib]
            return "".join(found) or "".join(each.text or "" for each in xmp.iter(key))

        self.want((value("pdfaid", "part"), value("pdfaid", "conformance")) == ("2", "A"), "PDF/A-2a is not declared")
        self.want(value("pdfuaid", "part") == "1", "PDF/UA-1 is not declared")
        schemas = [each.text for each in xmp.iter(f"{{{NAMES['pdfaSchema']}}}namespaceURI")]
        self.want(NAMES["pdfuaid"] in schemas, "the PDF/UA property is not described for PDF/A")
        title = "".join(each.text or "" for each in xmp.findall(".//dc:title/rdf:Alt/rdf:li", NAMES))
        self.want(bool(title) and title == str(self.pdf.docinfo.get("/Title", "")), "there is no title, or two")

    def catalog(self) -> None:
        root = self.pdf.Root
        self.want(bool(root.get("/Lang")), "the document has no language")
        self.want(bool(root.get("/MarkInfo", {}).get("/Marked", False)), "the document is not marked as tagged")
        self.want(bool(root.get("/ViewerPreferences", {}).get("/DisplayDocTitle", False)), "the title is not shown")
        self.want("/StructTreeRoot" in root, "there are no tags")
        intents = [intent for intent in root.get("/OutputIntents", []) if intent.get("/S") == "/GTS_PDFA1" and "/DestOutputProfile" in intent]
        self.want(bool(intents), "there is no output intent")
        self.want("/ID" in self.pdf.trailer, "the file has no identifier")
        self.want("/OpenAction" not in root and "/AA" not in root, "the document acts by itself")
        self.want(all(page.get("/Tabs") == "/S" for page in self.pdf.pages), "a page has no tab order")

    def fonts_of(self, page: Any) -> dict[str, Any]:
        return dict(page.Resources.get("/Font", {}).items())

    def fonts(self) -> None:
        for page in self.pdf.pages:
            for font in self.fonts_of(page).values():
                below = font.get("/DescendantFonts", [font])[0]
                descriptor = below.get("/FontDescriptor", {})
                self.want(any(f"/FontFile{n}" in descriptor for n in ("", "2", "3")), "a font is not embedded")
                self.want("/ToUnicode" in font, "a font does not tell its characters")
                if "/FontFile3" in descriptor:
                    self.want(_numbers_its_glyphs(descriptor.FontFile3.read_bytes()), "a font calls its glyphs by other numbers than the page")

    def walk(self, element: Any, language: str, above: tuple[str, ...], pages: dict[Any, int]) -> None:
        language = str(element.get("/Lang", language))
        tag = str(element.get("/S", ""))
        path = (*above, tag) if tag else above
        if tag:
            self.tags.append(tag)
        if tag == "/Figure":
            self.want(bool(str(element.get("/Alt", "")).strip()), "a figure has no words")
        if tag == "/TH":
            self.want(element.get("/A", {}).get("/Scope") in ("/Row", "/Column"), "a heading cell does not say for what")
        if tag == "/Table":
            self.want(any(name == "/TH" for name in self.names_under(element)), "a table has no heading cells")
        kids = element.get("/K", [])
        for kid in kids if isinstance(kids, pikepdf.Array) else [kids]:
            if isinstance(kid, pikepdf.Dictionary):
                self.walk(kid, language, path, pages)
            else:
                self.leaves[pages[element.Pg.objgen], int(kid)] = Leaf(language, path)

    def names_under(self, element: Any) -> Iterator[str]:
        kids = element.get("/K", [])
        for kid in kids if isinstance(kids, pikepdf.Array) else [kids]:
            if isinstance(kid, pikepdf.Dictionary):
                yield str(kid.get("/S", ""))
                yield from self.names_under(kid)

    def structure(self) -> None:
        levels = [int(tag[2:]) for tag in self.tags if re.fullmatch("/H[1-6]", tag)]
        self.want(levels[:1] == [1], "there is no first heading")
        self.want(all(after <= before + 1 for before, after in itertools.pairwise(levels)), "a level of headings is left out")
        self.want("/P" in self.tags, "there are no paragraphs")
        self.want(self.tags.count("/Figure") == 2, "emblem or square code is no figure")
        self.want("/Table" in self.tags and "/TR" in self.tags, "there is no table")

    def page(self, number: int, page: Any) -> None:
        spoken: dict[str, set[str]] = {"zh": set(), "en": set()}
        for said in self.said_on(page):
            if said.is_artifact:
                continue
            leaf = self.leaves.get((number, -1 if said.mark is None else said.mark))
            self.want(leaf is not None, "a text has no tag")
            if leaf is not None:
                spoken.setdefault(leaf.language[:2], set()).add(said.text)
                self.want(leaf.language.startswith("zh") or not HAN.search(said.text), "Chinese words are called another language")
                only_latin = bool(WORD.search(said.text)) and not HAN.search(said.text)
                is_name = leaf.language.startswith("zh") and not re.search("[a-z]{4,} [a-z]{3,}", said.text)
                self.want(leaf.language.startswith("en") or not only_latin or is_name, "English words are called another language")
        self.want(number > 0 or all(spoken.values()), "one of the two languages is missing")

    def said_on(self, page: Any) -> Iterator[Said]:
        """The texts of a page with the mark under which each is drawn; notes glyph 0."""
        fonts = {name: _unicode_of(font) for name, font in self.fonts_of(page).items()}
        marks: list[tuple[str, int | None]] = []
        font: dict[int, str] = {}
        for instruction in pikepdf.parse_content_stream(page):
            operands, name = instruction.operands, str(instruction.operator)
            if name in ("BDC", "BMC"):
                properties: Any = operands[1] if name == "BDC" else {}
                marks.append((str(operands[0]), int(properties["/MCID"]) if "/MCID" in properties else None))
            elif name == "EMC":
                marks.pop()
            elif name == "Tf":
                font = fonts[str(operands[0])]
            elif name in ("Tj", "TJ"):
                strings = operands[0] if name == "TJ" else [operands[0]]
                codes = b"".join(bytes(each) for each in strings if isinstance(each, pikepdf.String))
                glyphs = [int.from_bytes(codes[at : at + 2], "big") for at in range(0, len(codes), 2)]
                self.want(0 not in glyphs, "a character is drawn as an empty box")
                self.want(all(glyph in font for glyph in glyphs), "a character is drawn that cannot be copied")
                is_artifact = any(tag == "/Artifact" for tag, _mark in marks)
                mark = next((mark for _tag, mark in reversed(marks) if mark is not None), None)
                yield Said("".join(font.get(glyph, "") for glyph in glyphs), is_artifact, mark)


def _numbers_its_glyphs(font: bytes) -> bool:
    """Whether a CID is the number of its glyph, which is how WeasyPrint writes pages; some readers look the CID up in the font."""
    names = TTFont(io.BytesIO(font), lazy=True)["CFF "].cff.topDictIndex[0].charset
    return all(name == f"cid{number:05d}" for number, name in enumerate(names) if number)


def _unicode_of(font: Any) -> dict[int, str]:
    """The characters of an embedded font's glyphs, from its own table."""
    table = font.ToUnicode.read_bytes().decode("latin-1") if "/ToUnicode" in font else ""
    pairs = re.findall(r"^<([0-9a-fA-F]{4})> <([0-9a-fA-F]{4,})>$", table, re.MULTILINE)
    return {int(glyph, 16): bytes.fromhex(text).decode("utf-16-be") for glyph, text in pairs}


def lacking(content: bytes) -> list[str]:
    """What the file lacks, each in a few words; empty if nothing."""
    with pikepdf.open(io.BytesIO(content)) as pdf:
        return Check(pdf).run()
