"""A certificate authority for one run and a server certificate per server, all for 127.0.0.1."""

from __future__ import annotations

import datetime
import ipaddress
import ssl
from dataclasses import dataclass, field
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

_LIFETIME = datetime.timedelta(days=30)


def _name(text: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, text)])


def _builder(
    subject: x509.Name,
    issuer: x509.Name,
    key: ec.EllipticCurvePublicKey,
    lifetime: datetime.timedelta = _LIFETIME,
) -> x509.CertificateBuilder:
    now = datetime.datetime.now(datetime.UTC)
    begins = min(now - datetime.timedelta(hours=1), now + lifetime - _LIFETIME)
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key)
        .serial_number(x509.random_serial_number())
        .not_valid_before(begins)
        .not_valid_after(now + lifetime)
    )


@dataclass(frozen=True)
class Issued:
    """A certificate with its key, both in one PEM text; the fingerprint is SHA-256, `AA:BB:...`."""

    pem: bytes = field(repr=False)
    fingerprint: str


class ServerCertificate:
    """A server's TLS side: the context it serves with, and the certificate it shows in it.

    What is shown can be changed while the server runs; open connections go on as they are.
    """

    def __init__(self, authority: Authority, name: str) -> None:
        self.name = name
        self.context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self.context.minimum_version = ssl.TLSVersion.TLSv1_2
        # Every handshake shows the certificate of the moment, so nothing may be resumed.
        self.context.num_tickets = 0
        self._authority = authority
        self._own = authority.issue(name)
        self._shown = self._own
        self._load(self._own)

    @property
    def fingerprint(self) -> str:
        """Of what is shown now."""
        return self._shown.fingerprint

    def show(self, certificate: Issued | None = None) -> None:
        """Show another certificate from now on; None is the server's own again."""
        self._shown = certificate or self._own
        self._load(self._shown)

    def _load(self, certificate: Issued) -> None:
        # The context takes a file only and has its own copy then: no key stays on disk.
        path = self._authority.directory / f"{self.name}.pem"
        path.touch(mode=0o600)
        path.write_bytes(certificate.pem)
        self.context.load_cert_chain(path)
        path.unlink()


class Authority:
    """Signs certificates of one run. Keys are elliptic curve ones, because those are made at once.

    `directory` must be private; the authority's own key is never written. A `stranger` is an
    authority that nobody trusts: its certificate is not written either.
    """

    def __init__(self, directory: Path, *, stranger: bool = False) -> None:
        self.directory = directory
        self._key = ec.generate_private_key(ec.SECP256R1())
        self._name = _name("some other authority" if stranger else "demo lab authority")
        usage = x509.KeyUsage(
            digital_signature=True,
            content_commitment=False,
            key_encipherment=False,
            data_encipherment=False,
            key_agreement=False,
            key_cert_sign=True,
            crl_sign=True,
            encipher_only=False,
            decipher_only=False,
        )
        self._identifier = x509.SubjectKeyIdentifier.from_public_key(self._key.public_key())
        certificate = (
            _builder(self._name, self._name, self._key.public_key())
            .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
            .add_extension(usage, critical=True)
            .add_extension(self._identifier, critical=False)
            .sign(self._key, hashes.SHA256())
        )
        self.file = directory / "ca.pem"
        if not stranger:
            self.file.write_bytes(certificate.public_bytes(serialization.Encoding.PEM))

    def server(self, name: str) -> ServerCertificate:
        """A certificate for `name`, `localhost` and 127.0.0.1, and the context that uses it."""
        return ServerCertificate(self, name)

    def issue(
        self, name: str, *, local: bool = True, lifetime: datetime.timedelta = _LIFETIME
    ) -> Issued:
        """A new certificate for `name`; `local` adds the names of the loopback.

        A `lifetime` below zero is how long ago it ended.
        """
        key = ec.generate_private_key(ec.SECP256R1())
        names: list[x509.GeneralName] = [x509.DNSName(name)]
        if local:
            address = x509.IPAddress(ipaddress.IPv4Address("127.0.0.1"))
            names += [x509.DNSName("localhost"), address]
        authority = x509.AuthorityKeyIdentifier.from_issuer_subject_key_identifier(self._identifier)
        certificate = (
            _builder(_name(name), self._name, key.public_key(), lifetime)
            .add_extension(x509.SubjectAlternativeName(names), critical=False)
            .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
            .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False)
            .add_extension(authority, critical=False)
            .sign(self._key, hashes.SHA256())
        )
        text = key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        ) + certificate.public_bytes(serialization.Encoding.PEM)
        return Issued(text, certificate.fingerprint(hashes.SHA256()).hex(":").upper())
