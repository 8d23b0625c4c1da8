"""The packaged fonts of the letters: where their files are, and which characters they can draw.

Latin, Greek and Cyrillic come from Source Sans and Source Serif, Chinese from the Noto Sans SC and Noto Serif SC that belong to them and
alone lack Polish, Czech or Turkish letters. Knows no Django: the typesetter runs as a process of its own.
"""

import struct
from dataclasses import dataclass
from functools import cache
from io import BytesIO
from multiprocessing import Pipe, get_context
from multiprocessing.connection import Connection
from pathlib import Path

import font_source_sans_pro
import font_source_serif_pro
import pylopdf_fonts_zh_cn
from fontTools.ttLib import TTFont, TTLibError
from fontTools.ttLib.tables.DefaultTable import DefaultTable

from letters.cutting import CannotBeCut, cut


@dataclass(frozen=True)
class Face:
    """One font file, under the name by which the letters' stylesheet calls it."""

    family: str
    path: Path
    is_chinese: bool = False


def _files(package: object) -> Path:
    return Path(str(package.__file__)).parent / "files"  # type: ignore[attr-defined]


FACES = (
    Face("Letter Sans", _files(font_source_sans_pro) / "SourceSansPro-Regular.ttf"),
    Face("Letter Serif", _files(font_source_serif_pro) / "SourceSerifPro-Regular.ttf"),
    Face("Letter Sans SC", pylopdf_fonts_zh_cn.sans_path(), is_chinese=True),
    Face("Letter Serif SC", pylopdf_fonts_zh_cn.serif_path(), is_chinese=True),
)


@dataclass(frozen=True)
class Font:
    """A face as the letters' stylesheet names it: whole, or with the characters in common use only."""

    family: str
    face: Face
    is_cut: bool = False

    @property
    def address(self) -> str:
        """Not that of a file: only the typesetter knows where the prepared font lies."""
        return f"letters:{self.family.replace(' ', '-')}"

    def read(self) -> bytes:
        font = self.face.path.read_bytes()
        return for_letters(cut(font, filter(_is_common, range(0x10000))) if self.is_cut else font)


def fonts() -> tuple[Font, ...]:
    """Of each Chinese face two: what a letter embeds is cut from the font, and of 30,000 glyphs that takes a tenth of the whole letter.

    The stylesheet names the whole one behind, as "Letter Sans SC Whole", for names with rare characters.
    """
    return tuple(
        font
        for face in FACES
        for font in ((Font(face.family, face, is_cut=True), Font(f"{face.family} Whole", face)) if face.is_chinese else (Font(face.family, face),))
    )


def stylesheet() -> str:
    """The @font-face rules of all fonts."""
    return "\n".join(f'@font-face {{ font-family: "{font.family}"; src: url("{font.address}"); }}' for font in fonts())


class FontsLacking(Exception):
    """These packaged fonts cannot be read: no letter can be set."""


def prepare(folder: Path) -> frozenset[int]:
    """Write all fonts into a folder, each under its family, and say which characters they draw.

    In a process of its own, which takes its memory along: reading and cutting the Chinese faces needs half as much as everything else.
    """
    ours, theirs = Pipe(duplex=False)
    child = get_context("fork").Process(target=_prepare, args=(folder, theirs))
    child.start()
    theirs.close()
    try:
        lacking, drawable = ours.recv()
    except EOFError:
        raise FontsLacking("The process that reads the fonts died.") from None
    finally:
        child.join()
        ours.close()
    if lacking:
        raise FontsLacking(", ".join(lacking))
    return drawable  # type: ignore[no-any-return]


def _prepare(folder: Path, answer: Connection) -> None:
    lacking = []
    for font in fonts():
        try:
            (folder / font.family).write_bytes(font.read())
        except (TTLibError, CannotBeCut, OSError):
            lacking.append(font.face.path.name)
    answer.send((lacking, frozenset() if lacking else _drawable()))


def _is_common(character: int) -> bool:
    """Whether a character is none of those that are used in Chinese only, or one of the 6,763 of GB 2312."""
    if character < 0x3400 or 0xFE00 <= character <= 0xFFFF:
        return True
    try:
        return bool(chr(character).encode("gb2312"))
    except UnicodeEncodeError:
        return False


UPRIGHT = ("vhea", "vmtx", "VORG")  # how characters stand in columns from top to bottom


def for_letters(font: bytes) -> bytes:
    """The font as it is embedded: with each glyph's number as its CID, which is what WeasyPrint writes into a PDF, and without the tables
    for lines that run downwards.

    The Chinese faces number their glyphs otherwise (from glyph 372 on). Poppler and pdfium do not mind; MuPDF, and whoever else looks a
    CID up in the font as the standard says (ISO 32000-2, 9.7.4.2), would leave the Chinese out of a letter.
    """
    table = TTFont(BytesIO(font), lazy=True)
    if "CFF " not in table:
        return font
    top = table["CFF "].cff.topDictIndex[0]
    charset, data = top.rawDict["charset"], bytearray(table.reader["CFF "])
    one_range = struct.pack(">BHH", 2, 1, top.numGlyphs - 2)  # format 2: from CID 1 and so many more (Adobe Technical Note 5176, 13)
    data[charset : charset + len(one_range)] = one_range  # never longer than what stood there: one range is the shortest charset
    changed = DefaultTable("CFF ")
    changed.data = bytes(data)
    whole = TTFont(BytesIO(font), lazy=True, recalcBBoxes=False, recalcTimestamp=False)
    whole.tables["CFF "] = changed
    for name in (name for name in UPRIGHT if name in whole):
        del whole[name]
    written = BytesIO()
    whole.save(written, reorderTables=None)
    return written.getvalue()


@cache
def _drawable() -> frozenset[int]:
    """The characters that can be drawn wherever they stand: by the Latin or the Chinese face, in sans and in serif."""
    cover = {face.family: frozenset(TTFont(face.path, lazy=True).getBestCmap()) for face in FACES}
    return (cover["Letter Sans"] | cover["Letter Sans SC"]) & (cover["Letter Serif"] | cover["Letter Serif SC"])


def undrawable(text: str, drawable: frozenset[int] | None = None) -> list[str]:
    """The characters of a text that would come out as empty boxes, each once, in order. Line ends and tabs draw nothing."""
    drawable = drawable or _drawable()
    return [character for character in dict.fromkeys(text) if ord(character) not in drawable and character not in "\n\t"]
