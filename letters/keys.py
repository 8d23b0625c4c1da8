"""The office's key, which signs the letters, and the certificates by which a signature is known to be the office's."""

from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from pathlib import Path

from asn1crypto import x509 as asn1_x509
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePrivateKey
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat, load_pem_private_key
from cryptography.x509.oid import NameOID
from django.conf import settings

DEMONSTRATION = "Demonstration, not an office"  # the organisation in the certificate that script/demonstration_key makes
SHORTEST_RSA = 3072  # bits


class KeyUnusable(Exception):
    """What is set does not make a key; the text says what is wrong with which variable."""


@dataclass(frozen=True)
class OfficeKey:
    """A private key with its certificate, and the certificates that lead from it to the authority that vouches for it."""

    private: RSAPrivateKey
    certificate: x509.Certificate
    chain: tuple[x509.Certificate, ...]


def is_demonstration(certificate: x509.Certificate) -> bool:
    return any(name.value == DEMONSTRATION for name in certificate.subject.get_attributes_for_oid(NameOID.ORGANIZATION_NAME))


def fingerprint(certificate: x509.Certificate) -> str:
    """SHA-256 in hex, as every certificate viewer shows it."""
    return certificate.fingerprint(SHA256()).hex()


def common_name(certificate: x509.Certificate) -> str:
    """Whom the certificate names."""
    names = certificate.subject.get_attributes_for_oid(NameOID.COMMON_NAME) or certificate.subject.get_attributes_for_oid(NameOID.ORGANIZATION_NAME)
    return str(names[0].value) if names else certificate.subject.rfc4514_string()


def as_asn1(certificate: x509.Certificate) -> asn1_x509.Certificate:
    """The certificate as the library of signatures wants it."""
    return asn1_x509.Certificate.load(certificate.public_bytes(Encoding.DER))


def _pem(value: str, variable: str) -> bytes:
    """The contents of a variable that holds PEM or the path of a file with it."""
    if "-----BEGIN" in value:
        return value.replace("\\n", "\n").encode()  # one line, as an .env file writes it
    try:
        return Path(value).read_bytes()
    except OSError as problem:
        raise KeyUnusable(f"{variable}: the file {value} cannot be read: {problem.strerror}.") from problem


def read_certificates(value: str, variable: str) -> tuple[x509.Certificate, ...]:
    """The certificates in PEM, or in the file at a path; none for an empty value."""
    if not value:
        return ()
    try:
        return tuple(x509.load_pem_x509_certificates(_pem(value, variable)))
    except ValueError as problem:
        raise KeyUnusable(f"{variable} holds no certificate in PEM.") from problem


@lru_cache(maxsize=4)  # reading and proving an RSA key takes longer than signing with it
def read_key(key: str, certificate: str) -> OfficeKey | None:
    """The key that is set, proven to belong to its certificate; None when neither is set."""
    if not key and not certificate:
        return None
    if not key or not certificate:
        raise KeyUnusable(f"{'LETTER_SIGNING_KEY' if certificate else 'LETTER_SIGNING_CERTIFICATE'} is not set, but the other one is.")
    certificates = read_certificates(certificate, "LETTER_SIGNING_CERTIFICATE")
    try:
        private = load_pem_private_key(_pem(key, "LETTER_SIGNING_KEY"), password=None)
    except TypeError as problem:
        raise KeyUnusable("LETTER_SIGNING_KEY is locked with a password; store it without one, readable for the worker alone.") from problem
    except ValueError as problem:
        raise KeyUnusable("LETTER_SIGNING_KEY holds no private key in PEM.") from problem
    if isinstance(private, EllipticCurvePrivateKey):
        raise KeyUnusable("LETTER_SIGNING_KEY is an elliptic key, which would raise letters to PDF 2.0 and out of PDF/A-2: use RSA.")
    if not isinstance(private, RSAPrivateKey):
        raise KeyUnusable("LETTER_SIGNING_KEY is no RSA key.")
    if private.key_size < SHORTEST_RSA:
        raise KeyUnusable(f"LETTER_SIGNING_KEY has {private.key_size} bits; at least {SHORTEST_RSA} are needed.")
    spki = (Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    if private.public_key().public_bytes(*spki) != certificates[0].public_key().public_bytes(*spki):
        raise KeyUnusable("LETTER_SIGNING_KEY does not match the first certificate of LETTER_SIGNING_CERTIFICATE.")
    return OfficeKey(private, certificates[0], certificates[1:])


def office_key() -> OfficeKey | None:
    """The key that signs letters now; None where none is set, KeyUnusable where it is set wrongly."""
    return read_key(settings.LETTER_SIGNING_KEY, settings.LETTER_SIGNING_CERTIFICATE)


@lru_cache(maxsize=4)
def _known(current: str, earlier: str) -> tuple[x509.Certificate, ...]:
    return read_certificates(current, "LETTER_SIGNING_CERTIFICATE")[:1] + read_certificates(earlier, "LETTER_EARLIER_CERTIFICATES")


def office_certificates() -> tuple[x509.Certificate, ...]:
    """The office's certificate of today, then those with which older letters were signed."""
    return _known(settings.LETTER_SIGNING_CERTIFICATE, settings.LETTER_EARLIER_CERTIFICATES)


def is_current(certificate: x509.Certificate, at: datetime) -> bool:
    return certificate.not_valid_before_utc <= at <= certificate.not_valid_after_utc
