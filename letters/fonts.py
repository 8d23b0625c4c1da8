"""The packaged fonts of the letters: where their files are, and which characters they can draw.

Latin, Greek and Cyrillic come from Source Sans and Source Serif, Chinese from the Noto Sans SC and Noto Serif SC that belong to them and
alone lack Polish, Czech or Turkish letters. Knows no Django: the typesetter runs as a process of its own.
"""

from dataclasses import dataclass
from functools import cache
from pathlib import Path

import font_source_sans_pro
import font_source_serif_pro
import pylopdf_fonts_zh_cn
from fontTools.ttLib import TTFont


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


@cache
def _drawable() -> frozenset[int]:
    """The characters that can be drawn wherever they stand: by the Latin or the Chinese face, in sans and in serif."""
    cover = {face.family: frozenset(TTFont(face.path, lazy=True).getBestCmap()) for face in FACES}
    return (cover["Letter Sans"] | cover["Letter Sans SC"]) & (cover["Letter Serif"] | cover["Letter Serif SC"])


def undrawable(text: str) -> list[str]:
    """The characters of a text that would come out as empty boxes, each once, in order. Line ends and tabs draw nothing."""
    drawable = _drawable()
    return [character for character in dict.fromkeys(text) if ord(character) not in drawable and character not in "\n\t"]
