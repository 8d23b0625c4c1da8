"""The office's signature in every letter: whole, byte-stable, found broken by one byte, and agreed to by a validator that is not ours."""

import io
import random
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.x509.oid import NameOID
from django.utils import timezone
from pyhanko.keys import load_cert_from_pemder
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign.validation import SignatureCoverageLevel, validate_pdf_signature
from pyhanko_certvalidator import ValidationContext
from pypdf import PdfReader

from letters.checks import certificates_are_readable, letters_are_signed
from letters.keys import KeyUnusable, office_certificates, office_key
from letters.models import Printing
from letters.post import ATTEMPTS, open_pdf
from letters.press import PRESS
from letters.signature import examine, sign
from letters.tests.make import another_key, make_letter, printed

AT = datetime(2026, 11, 22, 4, 30, tzinfo=UTC)


@pytest.fixture(scope="module")
def typeset() -> bytes:
    return PRESS.print('<html lang="en"><title>LSL-2026-00001 Decision</title><h1>Decision</h1><p>贵单位的申请已获批准')


@pytest.fixture(scope="module")
def signed(typeset: bytes) -> bytes:
    key = office_key()
    assert key
    return sign(typeset, key, at=timezone.now())


@pytest.mark.django_db
def test_every_printed_letter_is_signed_by_the_office_as_of_the_moment_it_was_written() -> None:
    letter = printed(make_letter())
    found = examine(open_pdf(letter), office_certificates())
    assert (found.word, found.signer) == ("ours", "Demonstration, not an office")
    assert found.signed_at == letter.written_at.replace(microsecond=0)


@pytest.mark.django_db
def test_a_letter_printed_again_has_the_same_bytes() -> None:
    letter = printed(make_letter())
    digest = letter.digest
    type(letter).objects.filter(pk=letter.pk).update(printing=Printing.QUEUED, digest="", file="", printed_at=None)
    assert printed(letter).digest == digest


@pytest.mark.django_db
def test_a_letter_waits_for_its_key_rather_than_going_out_unsigned(settings: Any) -> None:
    good, settings.LETTER_SIGNING_KEY = settings.LETTER_SIGNING_KEY, "/nowhere/key.pem"
    letter = printed(make_letter())
    assert letter.printing == Printing.QUEUED
    assert "/nowhere/key.pem cannot be read" in letter.problem
    settings.LETTER_SIGNING_KEY = good
    assert printed(letter).is_printed


@pytest.mark.django_db
def test_a_letter_whose_key_never_comes_is_shown_to_the_office(settings: Any) -> None:
    settings.LETTER_SIGNING_KEY = "/nowhere/key.pem"
    letter = make_letter()
    type(letter).objects.filter(pk=letter.pk).update(attempts=ATTEMPTS - 1)
    assert printed(letter).printing == Printing.FAILED
    assert "cannot be read" in letter.problem


def test_another_validator_agrees_that_the_whole_file_is_signed_and_unchanged(signed: bytes, settings: Any) -> None:
    root = load_cert_from_pemder(settings.LETTER_SIGNING_CERTIFICATE)  # type: ignore[no-untyped-call]
    signature = PdfFileReader(io.BytesIO(signed)).embedded_regular_signatures[0]
    status = validate_pdf_signature(signature, ValidationContext(trust_roots=[root]))
    assert status.bottom_line
    assert status.trusted
    assert status.coverage == SignatureCoverageLevel.ENTIRE_FILE
    broken = signed[:2000] + bytes([signed[2000] ^ 1]) + signed[2001:]
    assert not validate_pdf_signature(PdfFileReader(io.BytesIO(broken)).embedded_regular_signatures[0]).bottom_line


def test_a_program_that_is_not_ours_agrees_as_well(signed: bytes, tmp_path: Path) -> None:
    """pdfsig of poppler, which shares no code with the library that signs; -nocert, because the certificate is a demonstration's."""
    letter = tmp_path / "letter.pdf"

    def pdfsig(content: bytes) -> str:
        letter.write_bytes(content)
        return subprocess.run(["pdfsig", "-nocert", str(letter)], capture_output=True, text=True, check=False).stdout

    said = pdfsig(signed)
    assert "Signature is Valid." in said
    assert "Total document signed" in said
    assert "Not total document signed" not in said
    assert "Signature is Valid." not in pdfsig(signed[:2000] + bytes([signed[2000] ^ 1]) + signed[2001:])
    assert "Not total document signed" in pdfsig(signed + b"\n%")


def test_one_changed_byte_is_always_found(typeset: bytes, signed: bytes) -> None:
    """Also in the signature itself, which cannot cover its own bytes."""
    ours, dice = office_certificates(), random.Random(20261122)
    places = [dice.randrange(len(typeset)) for _ in range(40)] + [dice.randrange(len(typeset), len(signed)) for _ in range(160)]
    for at in places:
        changed = bytearray(signed)
        changed[at] ^= 1 << dice.randrange(8)
        assert examine(bytes(changed), ours).word != "ours", at
    assert examine(signed, ours).word == "ours"


def test_what_is_added_behind_a_letter_is_found(signed: bytes, tmp_path: Path) -> None:
    ours = office_certificates()
    assert examine(signed + b"\n", ours).word == "changed"
    twice = sign(signed.replace(b"(Office)", b"(Former)"), another_key(tmp_path), at=timezone.now())
    assert examine(twice, ours).word != "ours"


def test_a_signature_of_another_key_is_not_ours(typeset: bytes, tmp_path: Path) -> None:
    """Its certificate bears the same name as ours; that alone proves nothing."""
    found = examine(sign(typeset, another_key(tmp_path), at=AT), office_certificates())
    assert (found.word, found.signer) == ("stranger", "Demonstration, not an office")


@pytest.mark.parametrize("content", [b"", b"%PDF-1.7 nonsense", b"\x00" * 5000])
def test_any_file_may_be_examined(content: bytes) -> None:
    assert examine(content, office_certificates()).word == "unreadable"


def test_an_unsigned_pdf_bears_no_signature(typeset: bytes) -> None:
    assert examine(typeset, office_certificates()).word == "none"


def test_signing_leaves_the_document_and_what_it_declares_as_they_are(typeset: bytes, signed: bytes) -> None:
    assert signed.startswith(typeset)
    before, after = PdfReader(io.BytesIO(typeset)), PdfReader(io.BytesIO(signed))
    assert after.pdf_header == before.pdf_header == "%PDF-1.7"
    old: Any = before.trailer["/Root"].get_object()
    new: Any = after.trailer["/Root"].get_object()
    assert new["/Metadata"].get_object().get_data() == old["/Metadata"].get_object().get_data()
    assert after.metadata == before.metadata
    assert {name: new[name] for name in ("/Lang", "/MarkInfo")} == {name: old[name] for name in ("/Lang", "/MarkInfo")}
    assert "/Version" not in new  # still PDF 1.7
    first: Any = before.trailer["/ID"]
    second: Any = after.trailer["/ID"]
    assert second[0] == first[0]


def test_the_signature_takes_no_room_on_the_page_and_breaks_no_rule_of_the_archive(signed: bytes) -> None:
    """PDF/A-2: printed, not hidden, no NeedAppearances; PDF/UA: outside the page or part of its structure, and an order of fields."""
    reader = PdfReader(io.BytesIO(signed))
    catalog: Any = reader.trailer["/Root"].get_object()
    form = catalog["/AcroForm"].get_object()
    (field,) = (each.get_object() for each in form["/Fields"])
    assert "/NeedAppearances" not in form
    assert "/XFA" not in form
    assert field["/F"] & 4
    assert not field["/F"] & (1 | 2 | 32)
    x, y, x2, y2 = field["/Rect"]
    assert (x2 - x, y2 - y) == (0, 0)
    assert x < 0
    tabs: Any = reader.pages[0]["/Tabs"]
    assert tabs == "/S"
    assert field["/V"].get_object()["/SubFilter"] == "/ETSI.CAdES.detached"


# --- The key ------------------------------------------------------------------------------------------------------------------


def pem_of(key: Any) -> str:
    return str(key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()).decode())


def certificate_of(key: Any, *, begins: datetime, ends: datetime, organisation: str = "An office") -> str:
    name = x509.Name([x509.NameAttribute(NameOID.ORGANIZATION_NAME, organisation)])
    builder = x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key()).serial_number(1)
    made = builder.not_valid_before(begins).not_valid_after(ends).sign(key, hashes.SHA256())
    return made.public_bytes(serialization.Encoding.PEM).decode()


@pytest.fixture(scope="module")
def keys() -> dict[str, Any]:
    return {
        "good": rsa.generate_private_key(public_exponent=65537, key_size=3072),
        "short": rsa.generate_private_key(public_exponent=65537, key_size=2048),
        "elliptic": ec.generate_private_key(ec.SECP256R1()),
    }


YEAR = timedelta(days=365)


def found(settings: Any, key: str, certificate: str, **more: Any) -> list[str]:
    settings.LETTER_SIGNING_KEY, settings.LETTER_SIGNING_CERTIFICATE = key, certificate
    settings.DEBUG, settings.PORTAL_DEMO = more.get("DEBUG", False), more.get("PORTAL_DEMO", False)
    messages = [*certificates_are_readable(None), *letters_are_signed(None)]
    assert all(message.hint for message in messages)
    return [f"{message.id} {message.msg}" for message in messages]


def test_a_good_key_raises_no_warning_also_when_it_is_written_on_one_line(settings: Any, keys: dict[str, Any]) -> None:
    now = timezone.now()
    key, certificate = pem_of(keys["good"]), certificate_of(keys["good"], begins=now - YEAR, ends=now + YEAR)
    assert found(settings, key, certificate) == []
    assert found(settings, key.replace("\n", "\\n"), certificate.replace("\n", "\\n")) == []


def test_the_check_says_what_is_wrong_with_a_key(settings: Any, keys: dict[str, Any]) -> None:
    now = timezone.now()
    current = {name: certificate_of(key, begins=now - YEAR, ends=now + YEAR) for name, key in keys.items()}
    good = pem_of(keys["good"])
    expired = certificate_of(keys["good"], begins=now - 2 * YEAR, ends=now - YEAR)
    ending = certificate_of(keys["good"], begins=now - YEAR, ends=now + timedelta(days=30))
    locked = keys["good"].private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.BestAvailableEncryption(b"secret")
    )
    for key, certificate, words in (
        ("", "", "letters.E005 Letters are not signed"),
        (good, "", "letters.E004 LETTER_SIGNING_CERTIFICATE is not set"),
        ("", current["good"], "letters.E004 LETTER_SIGNING_KEY is not set"),
        ("/nowhere/key.pem", current["good"], "letters.E004 LETTER_SIGNING_KEY: the file /nowhere/key.pem cannot be read"),
        ("-----BEGIN nonsense", current["good"], "letters.E004 LETTER_SIGNING_KEY holds no private key"),
        (locked.decode(), current["good"], "letters.E004 LETTER_SIGNING_KEY is locked with a password"),
        (good, "-----BEGIN nonsense", "letters.E003 LETTER_SIGNING_CERTIFICATE holds no certificate"),
        (good, current["short"], "letters.E004 LETTER_SIGNING_KEY does not match"),
        (pem_of(keys["short"]), current["short"], "letters.E004 LETTER_SIGNING_KEY has 2048 bits"),
        (pem_of(keys["elliptic"]), current["elliptic"], "letters.E004 LETTER_SIGNING_KEY is an elliptic key"),
        (good, expired, "letters.E006 The certificate of the office's key holds from"),
        (good, ending, "letters.W008 The certificate of the office's key ends on"),
    ):
        assert any(message.startswith(words) for message in found(settings, key, certificate)), words


def test_the_key_of_a_demonstration_is_refused_on_a_real_server(settings: Any) -> None:
    key, certificate = settings.LETTER_SIGNING_KEY, settings.LETTER_SIGNING_CERTIFICATE
    assert [each.split()[0] for each in found(settings, key, certificate)] == ["letters.E007"]
    assert found(settings, key, certificate, PORTAL_DEMO=True) == []
    assert found(settings, key, certificate, DEBUG=True) == []


def test_a_demonstration_without_a_key_is_only_warned(settings: Any) -> None:
    assert [each.split()[0] for each in found(settings, "", "", PORTAL_DEMO=True)] == ["letters.E005"]
    assert letters_are_signed(None)[0].level < 40


def test_older_letters_stay_ours_after_the_key_has_changed(typeset: bytes, signed: bytes, tmp_path: Path, settings: Any) -> None:
    earlier = settings.LETTER_SIGNING_CERTIFICATE
    another_key(tmp_path)
    settings.LETTER_SIGNING_KEY = str(tmp_path / "demonstration-signing-key.pem")
    settings.LETTER_SIGNING_CERTIFICATE = str(tmp_path / "demonstration-signing-certificate.pem")
    assert examine(signed, office_certificates()).word == "stranger"
    settings.LETTER_EARLIER_CERTIFICATES = earlier
    assert examine(signed, office_certificates()).word == "ours"
    key = office_key()
    assert key
    assert examine(sign(typeset, key, at=AT), office_certificates()).word == "ours"


def test_a_letter_written_before_the_certificate_began_counts_as_signed_at_its_beginning(typeset: bytes) -> None:
    key = office_key()
    assert key
    early = examine(sign(typeset, key, at=AT - 10 * YEAR), office_certificates())
    assert (early.word, early.signed_at) == ("ours", key.certificate.not_valid_before_utc)


def test_a_second_start_leaves_the_demonstrations_key_alone(tmp_path: Path, settings: Any) -> None:
    another_key(tmp_path)
    before = (tmp_path / "demonstration-signing-key.pem").read_bytes()
    subprocess.run([sys.executable, settings.BASE_DIR / "script" / "demonstration_key", tmp_path], check=True)
    assert (tmp_path / "demonstration-signing-key.pem").read_bytes() == before
    assert (tmp_path / "demonstration-signing-key.pem").stat().st_mode & 0o077 == 0


def test_half_a_key_is_no_key(settings: Any) -> None:
    settings.LETTER_SIGNING_KEY = ""
    with pytest.raises(KeyUnusable, match="LETTER_SIGNING_KEY is not set"):
        office_key()
