"""Examines one PDF and writes the copy for reviewers, in a process of its own with little memory and time (`examination.py` starts it).

The file is standard input, the copy goes into the file whose number is the argument, the verdict is one line of JSON on standard output:
`{"pages": 3, "removed": [["author", "…"]]}` or `{"fault": "javascript", "detail": ""}` (`faults.py` has the sentences). It knows neither
database nor secrets. A file that makes it fall over falls over alone.
"""

import gc
import json
import os
import re
import resource
import signal
import sys
import zlib
from collections.abc import Callable, Iterable, Iterator
from typing import Any, BinaryIO

import pikepdf
from pikepdf import Array, Dictionary, Object, ObjectStreamMode, Stream, StreamDecodeLevel

from applications.files import jpeg
from applications.files.cleaning import Removed, clean_part, clean_picture, clean_whole
from applications.files.limits import (
    CPU_SECONDS,
    LARGEST_BOX,
    LARGEST_FILE,
    MEMORY,
    MOST_EXPANDED,
    MOST_OBJECTS,
    MOST_PAGES,
    MOST_PIXELS,
    SECONDS,
)
from applications.files.objects import ANNOTATIONS, filters_of, name_of, number

CHUNK = 1 << 20
BITE = 1 << 14
DEEPEST = 200  # levels of direct objects; qpdf itself reads no more than 500

# --- What a file may not do ------------------------------------------------------------------------------------------------

ACTIONS = {
    "/JavaScript": ("javascript", ""),
    "/Launch": ("launch", ""),
    "/SubmitForm": ("submit", "SubmitForm"),
    "/ImportData": ("submit", "ImportData"),
    "/GoToR": ("external", "GoToR"),
    "/GoToE": ("embedded", "GoToE"),
    "/Rendition": ("media", "Rendition"),
    "/Movie": ("media", "Movie"),
    "/Sound": ("media", "Sound"),
    "/RichMediaExecute": ("media", "RichMedia"),
    "/GoTo3DView": ("media", "3D"),
}
SUBTYPES = {
    "/RichMedia": ("media", "RichMedia"),
    "/3D": ("media", "3D"),
    "/Movie": ("media", "Movie"),
    "/Sound": ("media", "Sound"),
    "/Screen": ("media", "Screen"),
    "/FileAttachment": ("embedded", ""),
    "/PS": ("code", "PostScript"),
}
KEYS = {
    "/JS": ("javascript", ""),
    "/XFA": ("xfa", ""),
    "/EF": ("embedded", ""),
    "/RichMediaContent": ("media", "RichMedia"),
    "/OPI": ("external", "OPI"),
    "/FFilter": ("external", "stream"),
}
TREES = {"/JavaScript": ("javascript", ""), "/EmbeddedFiles": ("embedded", "")}  # harmless when nothing hangs on them
QUIET = ("/GoTo", "/Named", "/ResetForm", "/Hide")  # what may happen by itself when a file or page is opened
SCRIPTED = re.compile(rb"^\s*(javascript|vbscript|data)\s*:", re.IGNORECASE)
OTHER_FORMAT = re.compile(rb"<\s*(html|script|svg|body|iframe|!doctype\s+html|\?php)", re.IGNORECASE)
WORTH_A_LOOK = re.compile(
    (
        r"/(JS|JavaScript|Launch|SubmitForm|ImportData|GoToR|GoToE|Rendition|Movie|Sound|RichMedia\w*|GoTo3DView|3D|Screen|FileAttachment|PS"
        r"|XFA|EF|EmbeddedFiles?|OPI|FFilter|Collection|Ref|FS|AA|OpenAction|URI|F|PieceInfo|Metadata|Thumb|LastModified|CreatorInfo|SpiderInfo"
        rf"|Sig|{ANNOTATIONS})[\s/<\[(>\]]"
    ).encode()
)


class Refused(Exception):
    """The file is not let in: the name of the fault and a detail for its sentence."""

    def __init__(self, fault: str, detail: str = "") -> None:
        self.fault, self.detail = fault, detail
        super().__init__(fault)


# --- The bytes --------------------------------------------------------------------------------------------------------------


def examine_ends(file: BinaryIO, size: int) -> None:
    """A PDF from its first byte to its last, and nothing else before, behind or around it."""
    head = file.read(1024)
    if not head.startswith(b"%PDF-"):
        raise Refused("extra", "…%PDF") if b"%PDF-" in head else Refused("type")
    if found := OTHER_FORMAT.search(head):
        raise Refused("extra", found[1].decode().upper())
    file.seek(max(0, size - 66_000))
    tail = file.read()
    directory = tail.rfind(b"PK\x05\x06")
    if (
        directory >= 0
        and len(tail) - directory >= 22
        and int.from_bytes(tail[directory + 20 : directory + 22], "little") == len(tail) - directory - 22
    ):
        raise Refused("extra", "ZIP")
    end = tail.rfind(b"%%EOF")
    behind = tail[end + 5 :].strip(b"\r\n\t \x00\x1a") if end >= 0 else b""
    if b"PK\x03\x04" in behind or b"PK\x05\x06" in behind:
        raise Refused("extra", "ZIP")
    if found := OTHER_FORMAT.search(behind):
        raise Refused("extra", found[1].decode().upper())
    if end < 0 or len(behind) > 1024:
        raise Refused("damaged")
    if behind:
        raise Refused("extra", "%%EOF…")


# --- The objects ------------------------------------------------------------------------------------------------------------


def direct_parts(thing: Object, depth: int = 0) -> Iterator[Any]:
    """The dictionaries of an object: itself and those written inside it; what is only referred to has its own turn."""
    if depth > DEEPEST:
        raise Refused("complex")
    if isinstance(thing, (Dictionary, Stream)):
        yield thing
        children: Iterable[Any] = [value for _key, value in thing.items()]
    elif isinstance(thing, Array):
        children = list(thing)
    else:
        return
    for child in children:
        if isinstance(child, (Dictionary, Array)) and not child.is_indirect:
            yield from direct_parts(child, depth + 1)


def refuse_active(part: Any) -> None:
    """Refuse a dictionary that does something, holds a file or needs one."""
    is_structure = name_of(part, "/Type") == "/StructElem"
    if (fault := ACTIONS.get(name_of(part, "/S"))) and not is_structure:
        raise Refused(*fault)
    if fault := SUBTYPES.get(name_of(part, "/Subtype")):
        raise Refused(*fault)
    for key, fault in KEYS.items():
        if key in part:
            raise Refused(*fault)
    for key, fault in TREES.items():
        tree = part.get(key)
        if tree is not None and not (isinstance(tree, Dictionary) and len(tree.get("/Names", ())) == 0 and "/Kids" not in tree):
            raise Refused(*fault)
    if name_of(part, "/Type") == "/EmbeddedFile" or (name_of(part, "/Type") == "/Catalog" and "/Collection" in part):
        raise Refused("embedded")
    if isinstance(part, Stream) and "/F" in part:
        raise Refused("external", "stream")
    if name_of(part, "/FS") == "/URL":
        raise Refused("external", "URL")
    if name_of(part, "/Subtype") == "/Form" and "/Ref" in part:
        raise Refused("external", "Ref")
    if isinstance(part.get("/URI"), pikepdf.String) and SCRIPTED.match(bytes(part.URI)):
        raise Refused("javascript")


def refuse_self_starting(part: Any) -> None:
    """Refuse what is done by itself when the file or a page is opened, but for turning to a page."""
    actions = [part.get("/OpenAction")]
    if isinstance(triggers := part.get("/AA"), Dictionary):
        actions += [action for _trigger, action in triggers.items()]
    for action in actions:
        if isinstance(action, Dictionary) and (kind := name_of(action, "/S")) not in QUIET:
            raise Refused(*ACTIONS.get(kind, ("opening", kind.strip("/"))))


def refuse_large_picture(stream: Any) -> None:
    """By what the dictionary says, and by what the picture says of itself."""
    if name_of(stream, "/Subtype") != "/Image":
        return
    sizes = [(number(stream.get("/Width")), number(stream.get("/Height")))]
    filters = filters_of(stream)
    if filters == ["/DCTDecode"]:
        sizes.append(jpeg.size_of(stream.read_raw_bytes()))
    elif filters == ["/JPXDecode"]:
        sizes.append(jpeg.size_of_2000(stream.read_raw_bytes()))
    for width, height in sizes:
        if width * height > MOST_PIXELS:
            raise Refused("pixels", f"{width} × {height}")


SHORT = {"/Fl": "/FlateDecode", "/LZW": "/LZWDecode", "/A85": "/ASCII85Decode", "/AHx": "/ASCIIHexDecode", "/RL": "/RunLengthDecode"}
PICTURES = ("/DCTDecode", "/DCT", "/JPXDecode", "/CCITTFaxDecode", "/CCF", "/JBIG2Decode")  # their size is that of the picture


def expanded_size(stream: Any, room: int) -> int:
    """How many bytes a stream has when it is expanded; Refused as soon as they are more than there is room for. Nothing is kept."""
    filters = [SHORT.get(name, name) for name in filters_of(stream)]
    while filters and filters[-1] in PICTURES:
        filters.pop()
    if not filters:
        return int(stream.get("/Length", 0)) if isinstance(stream.get("/Length", 0), int) else 0
    if all(name == "/FlateDecode" for name in filters):
        parts: Iterator[bytes] = iter([stream.read_raw_bytes()])
        for _name in filters:
            parts = inflated(parts, room)
        return sum(len(part) for part in parts)
    try:
        size = len(stream.read_bytes(StreamDecodeLevel.specialized))  # by qpdf, within the memory of this process
    except pikepdf.PdfError:
        return 0  # an unknown or broken filter: readers leave it out
    if size > room:
        raise Refused("expands")
    return size


def inflated(parts: Iterable[bytes], room: int) -> Iterator[bytes]:
    """Inflate piece by piece. What a reader could not inflate either ends it without a fault."""
    engine, total = zlib.decompressobj(), 0
    for part in parts:
        for begin in range(0, len(part), BITE):
            rest = part[begin : begin + BITE]
            while rest and not engine.eof:
                try:
                    piece = engine.decompress(rest, CHUNK)
                except zlib.error:
                    return
                total += len(piece)
                if total > room:
                    raise Refused("expands")
                yield piece
                rest = engine.unconsumed_tail


# --- One file -------------------------------------------------------------------------------------------------------------------


def examine(file: BinaryIO, size: int, copy: BinaryIO) -> dict[str, Any]:
    """Judge a file and write its copy."""
    examine_ends(file, size)
    try:
        with pikepdf.open("/dev/fd/0", attempt_recovery=False, suppress_warnings=True) as pdf:
            if pdf.is_encrypted:
                raise Refused("password")
            if (said := number(pdf.Root.Pages.get("/Count"))) > MOST_PAGES:
                raise Refused("pages", str(said))
            if int(pdf.trailer.get("/Size", 0)) > 10 * MOST_OBJECTS or len(pdf.objects) > MOST_OBJECTS:
                raise Refused("complex")
            pages = count_pages(pdf)
            removed = Removed()
            clean_whole(pdf, removed)
            examine_objects(pdf, removed)
            if any("bad_alloc" in warning for warning in pdf.get_warnings()):
                raise Refused("expands")
            pdf.save(copy, deterministic_id=True, compress_streams=False, object_stream_mode=ObjectStreamMode.generate, fix_metadata_version=False)
    except pikepdf.PasswordError:
        raise Refused("password") from None
    except (pikepdf.PdfError, RuntimeError, ValueError, TypeError, AttributeError, KeyError, RecursionError) as problem:
        raise Refused("expands" if "bad_alloc" in str(problem) else "damaged", str(problem)[:200]) from None
    except MemoryError:
        raise Refused("expands") from None
    return {"pages": pages, "removed": removed.listed()}


def count_pages(pdf: pikepdf.Pdf) -> int:
    pages = len(pdf.pages)
    if not pages:
        raise Refused("damaged", "no page")
    if pages > MOST_PAGES:
        raise Refused("pages", str(pages))
    for page in pdf.pages:
        box = [float(side) for side in page.mediabox]
        if max(abs(box[2] - box[0]), abs(box[3] - box[1])) * float(page.obj.get("/UserUnit", 1)) > LARGEST_BOX:
            raise Refused("box")
    return pages


def examine_objects(pdf: pikepdf.Pdf, removed: Removed) -> None:
    """Every object once: the names in it are searched, and only where one is worth a look the object is taken apart."""
    room = MOST_EXPANDED
    for thing in pdf.objects:
        if isinstance(thing, Stream):
            refuse_large_picture(thing)
            room -= expanded_size(thing, room)
            text = thing.stream_dict.unparse(resolved=True)
        elif isinstance(thing, (Dictionary, Array)):
            text = thing.unparse(resolved=True)
        else:
            continue
        if WORTH_A_LOOK.search(text):
            for part in direct_parts(thing):
                refuse_active(part)
                refuse_self_starting(part)
                clean_part(part, removed)
        if isinstance(thing, Stream):
            clean_picture(thing, removed)


def verdict(judge: Callable[[], dict[str, Any]]) -> dict[str, Any]:
    try:
        return judge()
    except Refused as refusal:
        return {"fault": refusal.fault, "detail": refusal.detail}
    except OSError as problem:  # no room for the copy
        return {"fault": "not stored", "detail": str(problem)}


def main(copy_number: str) -> None:
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    resource.setrlimit(resource.RLIMIT_CPU, (CPU_SECONDS, CPU_SECONDS + 1))
    resource.setrlimit(resource.RLIMIT_FSIZE, (2 * LARGEST_FILE, 2 * LARGEST_FILE))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    signal.alarm(SECONDS + 5)  # the last resort, if whoever started it is gone
    gc.disable()
    answer = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)  # a stray print must not end up in the verdict
    with os.fdopen(int(copy_number), "wb") as copy:
        found = verdict(lambda: examine(sys.stdin.buffer, os.fstat(0).st_size, copy))
    answer.write(json.dumps(found) + "\n")
    answer.flush()
    os._exit(0)  # taking 200,000 objects down one by one would take as long as the examination


if __name__ == "__main__":
    main(sys.argv[1])
