"""A QR code as strokes of an SVG drawing, so that it stands in the letter itself and nothing need be fetched."""

from dataclasses import dataclass
from itertools import groupby

import segno


@dataclass(frozen=True)
class Drawing:
    size: int  # modules along one side, quiet zone included
    path: str  # one stroke of width 1 for each run of dark modules


def qr_path(text: str) -> Drawing:
    code = segno.make(text, error="m", micro=False)
    quiet = 2
    runs = []
    for y, row in enumerate(code.matrix, start=quiet):
        x = quiet
        for dark, modules in groupby(row):
            length = len(list(modules))
            if dark:
                runs.append(f"M{x} {y}.5h{length}")
            x += length
    return Drawing(size=len(code.matrix) + 2 * quiet, path="".join(runs))
