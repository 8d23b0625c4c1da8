"""The packaged fonts of the letters: where their files are, and which characters they can draw.

Latin, Greek and Cyrillic come from Source Sans and Source Serif, Chinese from the Noto Sans SC and Noto Serif SC that belong to them and
alone lack Polish, Czech or Turkish letters. Knows no Django: the typesetter runs as a process of its own.
"""

import struct
from dataclasses import dataclass
from functools import cache
from io import BytesIO
from pathlib import Path

import font_source_sans_pro
import font_source_serif_pro
import pylopdf_fonts_zh_cn
from fontTools.ttLib import TTFont
from fontTools.ttLib.tables.DefaultTable import DefaultTable


@dataclass(frozen=True)
class Face:
    """One font file, under the name by which the letters' stylesheet calls it."""

    family: str
    path: Path


def _files(package: object) -> Path:
    return Path(str(package.__file__)).parent / "files"  # type: ignore[attr-defined]


FACES = (
    Face("Letter Sans", _files(font_source_sans_pro) / "SourceSansPro-Regular.ttf"),
    Face("Letter Serif", _files(font_source_serif_pro) / "SourceSerifPro-Regular.ttf"),
    Face("Letter Sans SC", pylopdf_fonts_zh_cn.sans_path()),
    Face("Letter Serif SC", pylopdf_fonts_zh_cn.serif_path()),
)


def stylesheet() -> str:
    """The @font-face rules of all faces."""
    rule = '@font-face {{ font-family: "{}"; src: url("{}"); }}'
    return "\n".join(rule.format(face.family, face.path.as_uri()) for face in FACES)


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


def undrawable(text: str) -> list[str]:
    """The characters of a text that would come out as empty boxes, each once, in order. Line ends and tabs draw nothing."""
    drawable = _drawable()
    return [character for character in dict.fromkeys(text) if ord(character) not in drawable and character not in "\n\t"]
