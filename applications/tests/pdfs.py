"""PDFs for tests, good and bad, made on the spot."""

import io
import zlib
from collections.abc import Callable
from typing import Any

import pikepdf
from pikepdf import Array, Dictionary, Name, Pdf, Stream, String
from PIL import Image

from applications.files.store import put
from applications.models import Attachment, Drawing, DrawnPage, Scan, Upload, Version

PAGE = b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 600 800] >>"


def saved(pdf: Pdf, **options: Any) -> bytes:
    out = io.BytesIO()
    pdf.save(out, **options)
    return out.getvalue()


def pages(number: int = 1) -> Pdf:
    pdf = pikepdf.new()
    for _ in range(number):
        pdf.add_blank_page()
    return pdf


def good(number: int = 1, *, words: str = "") -> bytes:
    """A plain PDF; `words` make it differ from others."""
    pdf = pages(number)
    pdf.Root["/Words"] = String(words)
    return saved(pdf)


def with_metadata() -> bytes:
    """The traces that programs leave: who, with what, when, where."""
    pdf = pages()
    with pdf.open_metadata() as metadata:
        metadata["dc:creator"] = ["Jane Hidden"]
    pdf.docinfo["/Author"] = "Jane Hidden"
    pdf.docinfo["/Company"] = "Hidden Ltd"
    pdf.docinfo["/CreationDate"] = "D:20260101000000Z"
    page = pdf.pages[0].obj
    page["/PieceInfo"] = Dictionary(Word=Dictionary(LastModified=String("D:2026"), Private=String("Jane Hidden")))
    page["/Thumb"] = pdf.make_stream(b"thumb of Jane Hidden")
    page["/Annots"] = Array(
        [
            Dictionary(Type=Name.Annot, Subtype=Name.Text, Rect=Array([0, 0, 9, 9]), T=String("Jane Hidden"), Contents=String("a remark")),
            Dictionary(
                Type=Name.Annot,
                Subtype=Name.Link,
                Rect=Array([0, 0, 9, 9]),
                A=Dictionary(S=Name.URI, URI=String("https://doi.org/10.1000/1")),
            ),
            Dictionary(
                Type=Name.Annot,
                Subtype=Name.Link,
                Rect=Array([0, 0, 9, 9]),
                A=Dictionary(S=Name.URI, URI=String("file:///C:/Users/Jane Hidden/plan.docx")),
            ),
        ]
    )
    photograph = Stream(pdf, b"")
    photograph.write(jpeg(8, 8, b"Exif\0\0 camera of Jane Hidden"), filter=Name.DCTDecode)
    photograph.update({"/Type": Name.XObject, "/Subtype": Name.Image, "/Width": 8, "/Height": 8})
    page["/Resources"] = Dictionary(XObject=Dictionary(Photograph=photograph))
    return saved(pdf)


def jpeg(width: int, height: int, exif: bytes = b"") -> bytes:
    """The head of a JPEG; nobody draws it."""
    frame = b"\x08" + height.to_bytes(2, "big") + width.to_bytes(2, "big") + b"\x01\x01\x11\x00"
    parts = [(0xE1, exif)] if exif else []
    return (
        b"\xff\xd8"
        + b"".join(b"\xff" + bytes([kind]) + (len(body) + 2).to_bytes(2, "big") + body for kind, body in [*parts, (0xC0, frame)])
        + (b"\xff\xda\x00\x02picture\xff\xd9")
    )


def on_root(**entries: Any) -> bytes:
    pdf = pages()
    for key, value in entries.items():
        pdf.Root[f"/{key}"] = value
    return saved(pdf)


def on_page(**entries: Any) -> bytes:
    pdf = pages()
    for key, value in entries.items():
        pdf.pages[0].obj[f"/{key}"] = value
    return saved(pdf)


def note(**entries: Any) -> Array:
    """One annotation."""
    return Array([Dictionary({"/Type": Name.Annot, "/Rect": Array([0, 0, 9, 9])} | {f"/{key}": value for key, value in entries.items()})])


def link(action: Dictionary) -> bytes:
    return on_page(Annots=note(Subtype=Name.Link, A=action))


def with_file_inside() -> bytes:
    pdf = pages()
    pdf.attachments["data.csv"] = b"1,2,3"
    return saved(pdf)


def encrypted(password: str) -> bytes:
    return saved(pages(), encryption=pikepdf.Encryption(owner="owner", user=password))


def bomb(*, size: int = 700 * 1024**2, layers: int = 1) -> bytes:
    """A stream that grows to a size which no reader should be made to hold: 1:1,000 for each layer."""
    engine, packed = zlib.compressobj(9), bytearray()
    for _ in range(size // 1024**2):
        packed += engine.compress(bytes(1024**2))
    body = bytes(packed + engine.flush())
    for _ in range(layers - 1):
        body = zlib.compress(body, 9)
    pdf = pages()
    stream = Stream(pdf, b"")
    stream.write(body, filter=Array([Name.FlateDecode] * layers))
    pdf.pages[0].obj["/Contents"] = pdf.make_indirect(stream)
    return saved(pdf, compress_streams=False)


def image(width: int, height: int, body: bytes = b"", packed: Name | None = None) -> bytes:
    pdf = pages()
    stream = Stream(pdf, b"")
    stream.write(body, filter=packed)
    stream.update({"/Type": Name.XObject, "/Subtype": Name.Image, "/Width": width, "/Height": height})
    pdf.Root["/Picture"] = pdf.make_indirect(stream)
    return saved(pdf)


def by_hand(*objects: bytes) -> bytes:
    """A PDF from its objects as bytes; the first is the catalogue, the second the page tree."""
    out, places = bytearray(b"%PDF-1.7\n"), []
    for number, body in enumerate(objects, 1):
        places.append(len(out))
        out += b"%d 0 obj\n%s\nendobj\n" % (number, body)
    begin = len(out)
    out += b"xref\n0 %d\n0000000000 65535 f \n" % (len(objects) + 1) + b"".join(b"%010d 00000 n \n" % place for place in places)
    return bytes(out) + b"trailer << /Size %d /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF\n" % (len(objects) + 1, begin)


def page_loop() -> bytes:
    return by_hand(b"<< /Type /Catalog /Pages 2 0 R >>", b"<< /Type /Pages /Kids [2 0 R] /Count 1 >>")


def many_pages(number: int, *, said: int | None = None) -> bytes:
    kids = b" ".join(b"%d 0 R" % place for place in range(3, number + 3))
    tree = b"<< /Type /Pages /Count %d /Kids [%s] >>" % (number if said is None else said, kids)
    return by_hand(b"<< /Type /Catalog /Pages 2 0 R >>", tree, *[PAGE] * number)


def one_page_many_times(number: int) -> bytes:
    return by_hand(b"<< /Type /Catalog /Pages 2 0 R >>", b"<< /Type /Pages /Count 1 /Kids [%s] >>" % (b"3 0 R " * number), PAGE)


def spelled_oddly() -> bytes:
    """JavaScript under a name with an escape in it: /J#61vaScript is the same name."""
    action = b"<< /Type /Catalog /Pages 2 0 R /OpenAction << /S /J#61vaScript /#4a#53 (app.alert\\(1\\)) >> >>"
    return by_hand(action, b"<< /Type /Pages /Count 1 /Kids [3 0 R] >>", PAGE)


def large(size: int) -> bytes:
    """A good PDF of about so many bytes."""
    return holding(bytes(range(256)) * (size // 256))


def holding(body: bytes) -> bytes:
    """A good PDF in which these very bytes stand."""
    pdf = pages()
    stream = Stream(pdf, b"")
    stream.write(body, filter=None)
    pdf.Root["/Ballast"] = pdf.make_indirect(stream)
    return saved(pdf, compress_streams=False)


Maker = Callable[[], bytes]


def make_attachment(version: Version, name: str = "plan.pdf", purpose: str = "plan") -> Attachment:
    """A file that a draft names, without the seconds that an examination takes."""
    stored, digest = put(io.BytesIO(good(words=f"{version.pk} {name}")))
    cleaned, cleaned_digest = put(io.BytesIO(good()))
    owner = version.application.owner
    upload = Upload.objects.create(
        stored=stored, digest=digest, size=1000, pages=1, cleaned=cleaned, cleaned_digest=cleaned_digest, scan=Scan.CLEAN, by=owner
    )
    return Attachment.objects.create(version=version, upload=upload, purpose=purpose, name=name, position=version.attachments.count())


def make_drawn_page(row: Attachment) -> DrawnPage:
    """The one page of such a file as if the worker had drawn it."""
    picture = io.BytesIO()
    Image.new("RGB", (600, 800), "white").save(picture, "WEBP")
    stored, digest = put(picture, ending="webp")
    Upload.objects.filter(pk=row.upload_id).update(drawing=Drawing.DONE)
    return DrawnPage.objects.create(upload=row.upload, number=1, stored=stored, digest=digest, width=600, height=800, text="Beads in nitrogen")


def written(*texts: str) -> bytes:
    """A PDF with a page for each text, in a font that every reader has."""
    pdf = pages(len(texts))
    font = pdf.make_indirect(Dictionary(Type=Name.Font, Subtype=Name.Type1, BaseFont=Name.Helvetica))
    for page, text in zip(pdf.pages, texts, strict=True):
        lines = " T* ".join("(" + line.replace("\\", "\\\\").replace("(", "\\(").replace(")", "\\)") + ") Tj" for line in text.split("\n"))
        page.obj.Resources = Dictionary(Font=Dictionary(F1=font))
        page.obj.Contents = pdf.make_stream(f"BT /F1 14 Tf 18 TL 72 700 Td {lines} ET".encode("latin-1"))
    return saved(pdf)


def sized(width: float, height: float) -> bytes:
    return on_page(MediaBox=Array([0, 0, width, height]))


def form_loop() -> bytes:
    """A drawing that draws itself."""
    pdf = pages()
    form = pdf.make_indirect(Stream(pdf, b"/Self Do"))
    form.update({"/Type": Name.XObject, "/Subtype": Name.Form, "/BBox": Array([0, 0, 600, 800])})
    form.Resources = Dictionary(XObject=Dictionary(Self=form))
    pdf.pages[0].obj.Resources = Dictionary(XObject=Dictionary(Self=form))
    pdf.pages[0].obj.Contents = pdf.make_stream(b"/Self Do")
    return saved(pdf)


def slow() -> bytes:
    """Twenty drawings, each of which draws the next one eight times: 8^20 lines."""
    pdf = pages()
    inner = pdf.make_indirect(Stream(pdf, b"0 0 m 600 800 l S"))
    inner.update({"/Type": Name.XObject, "/Subtype": Name.Form, "/BBox": Array([0, 0, 600, 800])})
    for _level in range(20):
        outer = pdf.make_indirect(Stream(pdf, b"/Next Do " * 8))
        outer.update({"/Type": Name.XObject, "/Subtype": Name.Form, "/BBox": Array([0, 0, 600, 800])})
        outer.Resources = Dictionary(XObject=Dictionary(Next=inner))
        inner = outer
    pdf.pages[0].obj.Resources = Dictionary(XObject=Dictionary(Next=inner))
    pdf.pages[0].obj.Contents = pdf.make_stream(b"/Next Do")
    return saved(pdf)
