"""Each object of a file as the bytes that stand in it, made once.

pydyf asks every object for its bytes twice, for the file's identifier and for the file, and compresses each stream as hard as it can each time.
"""

import zlib

import pydyf

LEVEL = 6  # 9 takes twice as long and makes a letter smaller by two parts in a thousand


class Written(pydyf.Object):
    """An object that has its bytes."""

    def __init__(self, source: pydyf.Object) -> None:
        super().__init__()
        self.number, self.generation, self.free = source.number, source.generation, source.free
        self._may_be_packed = bool(source.compressible)
        self._data = b"" if source.free == "f" else _bytes_of(source)

    @property
    def data(self) -> bytes:
        return self._data

    @property
    def compressible(self) -> bool:
        """Whether it may stand in a stream of objects."""
        return self._may_be_packed


def write_once(pdf: pydyf.PDF) -> None:
    """The last step before a file is written: what is changed in its objects afterwards is lost."""
    pdf.objects = [Written(each) for each in pdf.objects]


def _bytes_of(source: pydyf.Object) -> bytes:
    if not isinstance(source, pydyf.Stream) or not source.compress:
        return bytes(source.data)
    plain = pydyf.Stream(source.stream).data
    content = plain[plain.index(b"stream\n") + len(b"stream\n") : -len(b"\nendstream")]
    return bytes(pydyf.Stream([zlib.compress(content, LEVEL)], {**source.extra, "Filter": "/FlateDecode"}).data)
