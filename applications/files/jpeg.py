"""What a picture inside a PDF says of itself: its size, and the metadata that is left out of the copy for reviewers."""

MARKER = 0xFF
START, END, SCAN = 0xD8, 0xD9, 0xDA
FRAMES = frozenset({0xC0, 0xC1, 0xC2, 0xC3, 0xC5, 0xC6, 0xC7, 0xC9, 0xCA, 0xCB, 0xCD, 0xCE, 0xCF})
METADATA = frozenset({0xE1, 0xED, 0xFE})  # Exif and XMP, Photoshop's IPTC, comments; colours (0xE0, 0xE2, 0xEE) stay


def _segments(data: bytes) -> list[tuple[int, int, int]]:
    """Kind, begin and end of each segment before the picture itself; none when it is no JPEG."""
    found: list[tuple[int, int, int]] = []
    place = 2
    if data[:2] != bytes((MARKER, START)):
        return found
    while place + 4 <= len(data) and data[place] == MARKER:
        kind = data[place + 1]
        if kind == MARKER:  # fill bytes
            place += 1
            continue
        end = place + 2 + int.from_bytes(data[place + 2 : place + 4], "big")
        if kind in (SCAN, END) or end > len(data):
            break
        found.append((kind, place, end))
        place = end
    return found


def size_of(data: bytes) -> tuple[int, int]:
    """Width and height of a JPEG as its own header says; 0 × 0 when it has none."""
    for kind, begin, _end in _segments(data):
        if kind in FRAMES:
            return int.from_bytes(data[begin + 7 : begin + 9], "big"), int.from_bytes(data[begin + 5 : begin + 7], "big")
    return 0, 0


def size_of_2000(data: bytes) -> tuple[int, int]:
    """Width and height of a JPEG 2000: of its SIZ segment."""
    place = data.find(b"\xff\x4f\xff\x51")
    if place < 0 or place + 16 > len(data):
        return 0, 0
    return int.from_bytes(data[place + 8 : place + 12], "big"), int.from_bytes(data[place + 12 : place + 16], "big")


def without_metadata(data: bytes) -> bytes:
    """The same picture without the segments that tell of camera, place and author."""
    plain, place = bytearray(), 0
    for kind, begin, end in _segments(data):
        if kind in METADATA:
            plain += data[place:begin]
            place = end
    return bytes(plain + data[place:])
