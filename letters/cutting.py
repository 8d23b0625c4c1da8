"""Cuts a font to some of its characters with HarfBuzz, whose library WeasyPrint uses for the same: a tenth of a second for 30,000 glyphs."""

from collections.abc import Iterable
from ctypes import CDLL, POINTER, byref, c_char_p, c_int, c_uint, c_void_p, string_at
from ctypes.util import find_library
from functools import cache

_READ_ONLY = 1  # HB_MEMORY_MODE_READONLY
_COPIED, _DROPPED = 2, 3  # HB_SUBSET_SETS_NO_SUBSET_TABLE_TAG, HB_SUBSET_SETS_DROP_TABLE_TAG
_BASE = int.from_bytes(b"BASE", "big")  # by which Pango stands Latin and Chinese on one line; HarfBuzz drops it unless told not to
_RESULTS_AND_ARGUMENTS = {
    "hb_blob_create": (c_void_p, [c_char_p, c_uint, c_int, c_void_p, c_void_p]),
    "hb_blob_destroy": (None, [c_void_p]),
    "hb_blob_get_data": (c_void_p, [c_void_p, POINTER(c_uint)]),
    "hb_face_create": (c_void_p, [c_void_p, c_uint]),
    "hb_face_destroy": (None, [c_void_p]),
    "hb_face_get_glyph_count": (c_uint, [c_void_p]),
    "hb_face_reference_blob": (c_void_p, [c_void_p]),
    "hb_set_add": (None, [c_void_p, c_uint]),
    "hb_set_del": (None, [c_void_p, c_uint]),
    "hb_subset_input_create_or_fail": (c_void_p, []),
    "hb_subset_input_destroy": (None, [c_void_p]),
    "hb_subset_input_set": (c_void_p, [c_void_p, c_int]),
    "hb_subset_input_unicode_set": (c_void_p, [c_void_p]),
    "hb_subset_or_fail": (c_void_p, [c_void_p, c_void_p]),
}


class CannotBeCut(Exception):
    """HarfBuzz cannot read the font, or nothing would be left of it."""


@cache
def _harfbuzz() -> CDLL | None:
    """The library with its functions declared; its own need of the other one makes those of both known."""
    name = find_library("harfbuzz-subset")
    if not name:
        return None
    library = CDLL(name)
    for function, (result, arguments) in _RESULTS_AND_ARGUMENTS.items():
        declared = getattr(library, function)
        declared.restype, declared.argtypes = result, arguments
    return library


def cut(font: bytes, characters: Iterable[int]) -> bytes:
    """The font with the glyphs of these characters only; the whole font where the library is missing, of which a system check warns."""
    harfbuzz = _harfbuzz()
    if harfbuzz is None:
        return font
    file = harfbuzz.hb_blob_create(font, len(font), _READ_ONLY, None, None)
    face = harfbuzz.hb_face_create(file, 0)
    wanted = harfbuzz.hb_subset_input_create_or_fail()
    wanted_characters = harfbuzz.hb_subset_input_unicode_set(wanted)
    for character in characters:
        harfbuzz.hb_set_add(wanted_characters, character)
    harfbuzz.hb_set_del(harfbuzz.hb_subset_input_set(wanted, _DROPPED), _BASE)
    harfbuzz.hb_set_add(harfbuzz.hb_subset_input_set(wanted, _COPIED), _BASE)
    smaller = harfbuzz.hb_subset_or_fail(face, wanted)
    try:
        if not smaller or not harfbuzz.hb_face_get_glyph_count(smaller):
            raise CannotBeCut
        return _bytes_of(harfbuzz, smaller)
    finally:
        harfbuzz.hb_face_destroy(smaller)
        harfbuzz.hb_subset_input_destroy(wanted)
        harfbuzz.hb_face_destroy(face)
        harfbuzz.hb_blob_destroy(file)


def _bytes_of(harfbuzz: CDLL, face: int) -> bytes:
    file, length = harfbuzz.hb_face_reference_blob(face), c_uint()
    try:
        return string_at(harfbuzz.hb_blob_get_data(file, byref(length)), length.value)
    finally:
        harfbuzz.hb_blob_destroy(file)
