"""Failures of TLS: which certificate, what is wrong with it, or that there is no TLS at all."""

from __future__ import annotations

import re
import ssl
from collections.abc import Sequence

from labtui.locale import N_, _
from labtui.model.text import clean
from labtui.sources.classify.verdict import Backend, Verdict

# OpenSSL's X509_V_ERR_*: 9 and 10 the dates, 62 to 64 the name that was asked for.
_EARLY, _EXPIRED = 9, 10
_OTHER_NAME = frozenset((62, 63, 64))
_FINGERPRINT = re.compile(r"\b([0-9a-f]{64})\b")
_VERDICT = re.compile(r"certificate verify failed: ([^(\"]+?) *(?:\(|\"|$)")

_RENEWED = N_("ask the administrator, on another way, whether it was renewed")
_CLOCKS = N_("look at the clocks of both sides")
_RENEW = N_("renew the certificate on the server")
_TRUST: dict[Backend, str] = {
    "proxmox": N_("give the cluster's CA file or the certificate's SHA-256 in the configuration"),
    "routeros": N_("set ca_file, or tls = pin with the fingerprint that `labtui check` shows"),
    "netbox": N_("give the authority's file or the certificate's SHA-256 in the configuration"),
    "ssh": "",
}
_PIN: dict[Backend, str] = {
    "routeros": N_("compare it with /certificate on the router; pin it only if it is the router's"),
}
_NO_TLS: dict[Backend, str] = {
    "proxmox": N_("check address and port (8006)"),
    "routeros": N_("use the api-ssl port (8729), or tls = off for the plain one"),
    "netbox": N_("check the address and port in url"),
    "ssh": "",
}
_NO_CIPHER: dict[Backend, str] = {
    "routeros": N_("give api-ssl a certificate; tls = anonymous is for a router without one"),
}
_VERSION: dict[Backend, str] = {
    "routeros": N_("look at the certificate and tls-version of api-ssl in /ip/service"),
}
_OLD = N_("the server is too old, or this machine's security policy too strict")


def of_exception(chain: Sequence[BaseException], backend: Backend) -> Verdict | None:
    """The verdict when TLS is what failed, else None."""
    if not any(isinstance(link, ssl.SSLError) or _named_so(link) for link in chain):
        return None
    told = " ".join(str(link) for link in chain)
    # The context of `labtui.config.tls` names the fingerprint that it saw.
    found = _FINGERPRINT.search(told)
    if found:
        why = _("the certificate is not the pinned one; its SHA-256 is {got}").format(got=found[1])
        return Verdict("tls", "pin", why, _(_PIN.get(backend, _RENEWED)))
    if "CERTIFICATE_VERIFY_FAILED" in told or "verify failed" in told or _refusal(chain):
        return _distrust(chain, told, backend)
    if "EOF" in told or "reset" in told or any(isinstance(link, EOFError) for link in chain):
        why = _("connection lost while TLS was set up")
        return Verdict("unreachable", "tls-eof", why)
    return _protocol(_reason(chain), told, backend)


def _named_so(link: BaseException) -> bool:
    return any(each.__name__ in ("SSLError", "CertificateError") for each in type(link).__mro__)


def _refusal(chain: Sequence[BaseException]) -> ssl.SSLCertVerificationError | None:
    return next((link for link in chain if isinstance(link, ssl.SSLCertVerificationError)), None)


def _reason(chain: Sequence[BaseException]) -> str:
    reasons = (getattr(link, "reason", None) for link in chain if isinstance(link, ssl.SSLError))
    return next((reason for reason in reasons if isinstance(reason, str)), "")


def _distrust(chain: Sequence[BaseException], told: str, backend: Backend) -> Verdict:
    refusal = _refusal(chain)
    code = getattr(refusal, "verify_code", 0)
    verdict = _VERDICT.search(told)
    said = getattr(refusal, "verify_message", "") or (verdict[1] if verdict else "")
    said = clean(str(said).strip(), 200)
    if code == _EXPIRED or "has expired" in said:
        return Verdict("tls", "expired", _("the certificate has expired"), _(_RENEW))
    if code == _EARLY or "not yet valid" in said:
        return Verdict("tls", "early", _("the certificate is not valid yet"), _(_CLOCKS))
    name = code in _OTHER_NAME or "mismatch" in said or "match" in told
    why = _("the certificate cannot be verified: {reason}").format(
        reason=said or _("unknown issuer or name")
    )
    remedy = _TRUST[backend]
    return Verdict("tls", "name" if name else "authority", why, _(remedy) if remedy else "")


def _protocol(reason: str, told: str, backend: Backend) -> Verdict:
    text = reason or told
    if "HANDSHAKE_FAILURE" in text or "NO_CIPHERS" in text or "NO_SHARED_CIPHER" in text:
        remedy = _NO_CIPHER.get(backend, _OLD)
        return Verdict("tls", "cipher", _("no common cipher"), _(remedy))
    if "PROTOCOL_VERSION" in text or "UNSUPPORTED_PROTOCOL" in text:
        remedy = _VERSION.get(backend, _OLD)
        return Verdict("tls", "version", _("no common version of TLS"), _(remedy))
    if "CERTIFICATE_REQUIRED" in text:
        why = _("the server wants a certificate of ours")
        return Verdict("tls", "client-certificate", why)
    remedy = _NO_TLS[backend]
    return Verdict("tls", "no-tls", _("no TLS is spoken there"), _(remedy) if remedy else "")
