"""Signatures inside the PDF (PAdES): made with the office's key, and read back from any file.

The same words signed with the same key give the same bytes: RSA with PKCS #1 v1.5 rolls no dice, the signing time is the moment at which
the letter was written, and the file's second identifier is derived from what is signed. The typeset document is only added to, and its
metadata stay as they are, so that what it declares (PDF/A-2a) still holds.
"""

import asyncio
import hashlib
import io
import logging
import re
from collections.abc import Collection, Coroutine
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, TypeVar

from asn1crypto.algos import SignedDigestAlgorithm
from asn1crypto.parser import parse
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding
from pyhanko.pdf_utils import generic
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign.fields import InvisSigSettings, SigFieldSpec, SigSeedSubFilter
from pyhanko.sign.signers import PdfSignatureMetadata, PdfSigner, Signer
from pyhanko.sign.signers.pdf_cms import PdfCMSSignedAttributes
from pyhanko.sign.validation import SignatureCoverageLevel, async_validate_pdf_signature
from pyhanko_certvalidator import ValidationContext
from pyhanko_certvalidator.registry import SimpleCertificateStore

from letters.keys import OfficeKey, as_asn1, common_name, fingerprint

T = TypeVar("T")
FIELD = "Office"  # the name of the signature field
ROOM = 12_288  # hex digits kept free for the signature with its certificates
TABS = generic.NameObject("/Tabs")

logging.getLogger("pyhanko").setLevel(logging.CRITICAL)  # a damaged file is a finding, not a fault of the portal


class _Signer(Signer):
    """Signs with a key that was read and proven once (letters/keys.py)."""

    def __init__(self, key: OfficeKey) -> None:
        store = SimpleCertificateStore()  # type: ignore[no-untyped-call]
        store.register_multiple([as_asn1(certificate) for certificate in key.chain])
        super().__init__(
            signing_cert=as_asn1(key.certificate),
            cert_registry=store,
            signature_mechanism=SignedDigestAlgorithm({"algorithm": "sha256_rsa"}),
            embed_roots=True,
        )
        self._private = key.private

    async def async_sign_raw(self, data: bytes, digest_algorithm: str, dry_run: bool = False) -> bytes:
        assert digest_algorithm == "sha256"
        return self._private.sign(data, PKCS1v15(), SHA256())


class _Writer(IncrementalPdfFileWriter):
    """Adds to a document without touching its metadata; its second identifier follows from its content."""

    @classmethod
    def _handle_id(cls, prev: PdfFileReader) -> generic.ArrayObject:
        prev.stream.seek(0)
        derived = hashlib.sha256(b"signed " + prev.stream.read()).digest()[:16]
        first = prev.trailer["/ID"][0] if "/ID" in prev.trailer else generic.ByteStringObject(derived)
        return generic.ArrayObject([first, generic.ByteStringObject(derived)])

    def _update_meta(self) -> None:
        """The letter was made when it was typeset; its metadata say so and agree with each other."""


def _at_once(work: Coroutine[Any, Any, T]) -> T:
    """The result of asynchronous work, whether or not an event loop runs here (a thread of its own has none)."""
    with ThreadPoolExecutor(max_workers=1) as thread:
        return thread.submit(asyncio.run, work).result()


def sign(pdf: bytes, key: OfficeKey, *, at: datetime) -> bytes:
    """The document with the office's signature, which covers all of it. A moment before the certificate began counts as its beginning."""
    at = max(at.astimezone(UTC).replace(microsecond=0), key.certificate.not_valid_before_utc)
    writer = _Writer(io.BytesIO(pdf))
    spec = SigFieldSpec(FIELD, on_page=0, invis_sig_settings=InvisSigSettings(set_print_flag=True, box_out_of_bounds=True))
    meta = PdfSignatureMetadata(field_name=FIELD, md_algorithm="sha256", subfilter=SigSeedSubFilter.PADES, name=common_name(key.certificate))
    session = PdfSigner(meta, _Signer(key), new_field_spec=spec).init_signing_session(writer)
    session.system_time = at
    page: Any = writer.find_page_for_modification(0)[0].get_object()  # type: ignore[no-untyped-call]
    page[TABS] = generic.NameObject("/S")  # a page with a field says in which order one goes through it
    document = session.prepare_tbs_document(validation_info=None, bytes_reserved=ROOM)
    signed = io.BytesIO()
    prepared, _output = document.digest_tbs_document(output=signed)
    _at_once(document.perform_signature(prepared.document_digest, PdfCMSSignedAttributes(signing_time=at)))
    return signed.getvalue()


@dataclass(frozen=True)
class Finding:
    """What the signatures of a file prove. `word` is one of none, unreadable, changed, stranger, ours."""

    word: str
    signer: str = ""
    fingerprint: str = ""
    signed_at: datetime | None = None


def examine(pdf: bytes, ours: Collection[x509.Certificate]) -> Finding:
    """Whether the office signed exactly these bytes. Any file may come in; nothing is loaded from anywhere."""
    try:
        reader = PdfFileReader(io.BytesIO(pdf))
        embedded = reader.embedded_regular_signatures
        if not embedded:
            return Finding("none")
        signature = embedded[-1]
        certificate = x509.load_der_x509_certificate(signature.signer_cert.dump())
        is_ours = any(certificate == known for known in ours)
        status = _at_once(async_validate_pdf_signature(signature, ValidationContext(trust_roots=[signature.signer_cert], allow_fetching=False)))
        whole = (
            status.intact
            and status.valid
            and status.coverage == SignatureCoverageLevel.ENTIRE_FILE
            and len(embedded) == 1
            and _contents_are_plain(pdf, signature)
        )
    except Exception:  # noqa: BLE001 - a damaged file breaks the reader in countless ways
        return Finding("unreadable")
    word = ("ours" if whole else "changed") if is_ours else "stranger"
    return Finding(word, common_name(certificate), fingerprint(certificate), signature.self_reported_timestamp)


def _contents_are_plain(pdf: bytes, signature: Any) -> bool:
    """The one part of the file that a signature cannot cover is itself: it must be spelt in the only way in which it is written."""
    start, end = signature.byte_range[1], signature.byte_range[2]
    _class, _method, _tag, header, content, trailer = parse(signature.pkcs7_content)
    spelt = (header + content + trailer).hex().upper().encode()
    signed, signer = signature.signed_data, signature.signer_info
    certificate = signature.signer_cert
    named = signer["sid"].chosen
    as_written = (  # what a validator reads generously, because the signature does not cover it
        signed["version"].native == signer["version"].native == "v1"
        and [each.dump() for each in signed["digest_algorithms"]] == [signer["digest_algorithm"].dump()]
        and signer["digest_algorithm"]["algorithm"].native == "sha256"
        and (named["issuer"].dump(), named["serial_number"].native) == (certificate.issuer.dump(), certificate.serial_number)
        and not signer["unsigned_attrs"]
    )
    if not as_written:
        return False
    gap = pdf[start:end]
    return gap.startswith(b"<" + spelt) and re.fullmatch(rb"0*>", gap[1 + len(spelt) :]) is not None


def as_pem(certificates: Collection[x509.Certificate]) -> bytes:
    """The certificates in one file, for whoever checks letters without the register."""
    return b"".join(certificate.public_bytes(Encoding.PEM) for certificate in certificates)
