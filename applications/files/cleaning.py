"""The copy of a PDF for reviewers: without what names people, programs, places and moments. Runs in the examiner's process."""

import re
from typing import Any

import pikepdf
from pikepdf import Dictionary, Name

from applications.files import jpeg
from applications.files.objects import ANNOTATIONS, filters_of, name_of

LOCAL = re.compile(rb"^\s*(file:|[a-z]:\\|\\\\)", re.IGNORECASE)
INFO = {
    "/Author": "author",
    "/Creator": "program",
    "/Producer": "program",
    "/Title": "title",
    "/Subject": "subject",
    "/Keywords": "keywords",
    "/CreationDate": "dates",
    "/ModDate": "dates",
    "/Company": "company",
    "/Manager": "author",
    "/LastModifiedBy": "author",
    "/SourceModified": "dates",
}
OF_A_NOTE = ("/T", "/M", "/CreationDate", "/NM", "/RC", "/Subj")
IS_A_NOTE = re.compile(rf"^/({ANNOTATIONS})$")


class Removed:
    """What was taken out, each kind once, with the words that stood there where they tell the applicant more."""

    def __init__(self) -> None:
        self.found: dict[str, str] = {}

    def note(self, kind: str, words: Any = "") -> None:
        text = "".join(letter for letter in str(words) if letter.isprintable())[:120].strip()
        if not self.found.get(kind):
            self.found[kind] = text

    def listed(self) -> list[list[str]]:
        return [[kind, words] for kind, words in self.found.items()]


def clean_part(part: Any, removed: Removed) -> None:
    """Take out of one dictionary what names people, programs and moments."""
    for key, kind in {
        "/Metadata": "xmp",
        "/PieceInfo": "private",
        "/Thumb": "thumbnails",
        "/LastModified": "dates",
        "/CreatorInfo": "program",
        "/SpiderInfo": "private",
    }.items():
        if key in part:
            del part[key]
            removed.note(kind)
    if IS_A_NOTE.match(name_of(part, "/Subtype")) and "/Rect" in part:
        if "/T" in part:
            removed.note("notes", part.T)
        for key in OF_A_NOTE:
            if key in part:
                del part[key]
    if name_of(part, "/FT") == "/Sig" and "/V" in part:
        del part["/V"]
        removed.note("signature")
    if isinstance(part.get("/URI"), pikepdf.String) and LOCAL.match(bytes(part.URI)):
        part.URI = pikepdf.String("about:blank")
        removed.note("paths")


def clean_whole(pdf: pikepdf.Pdf, removed: Removed) -> None:
    info = pdf.trailer.get("/Info")
    if isinstance(info, Dictionary):
        for key, value in info.items():
            if key not in ("/Trapped", "/PTEX.Fullbanner") and str(value).strip():
                removed.note(INFO.get(key, "other"), value if INFO.get(key) != "dates" else "")
    for key in ("/Info", "/ID"):
        if key in pdf.trailer:
            del pdf.trailer[key]
    removed.note("id")
    for key in ("/Perms", "/Legal"):
        if key in pdf.Root:
            del pdf.Root[key]
    form = pdf.Root.get("/AcroForm")
    if isinstance(form, Dictionary) and "/SigFlags" in form:
        del form["/SigFlags"]


def clean_picture(stream: Any, removed: Removed) -> None:
    """Photographs carry the camera, the place and the author's name."""
    if name_of(stream, "/Subtype") != "/Image" or filters_of(stream) != ["/DCTDecode"]:
        return
    raw = stream.read_raw_bytes()
    plain = jpeg.without_metadata(raw)
    if len(plain) < len(raw):
        parameters = stream.get("/DecodeParms")
        stream.write(plain, filter=Name.DCTDecode, decode_parms=parameters)
        removed.note("pictures")
