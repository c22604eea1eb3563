"""What protects the credential: certificates, proxies, redirects, hostile paths, logs."""

from __future__ import annotations

import logging
import subprocess
import sys

import pytest

from labtui.config.schema import Tls
from labtui.model.errors import (
    LabError,
    TlsFailed,
    Unexpected,
    Unreachable,
)
from tests.sources.proxmox.asking import UPID, always, ask, closed_port, tell
from tests.sources.proxmox.server import (
    SECRET,
    Certificate,
    Reply,
    serving,
    with_token,
)

pytestmark = pytest.mark.usefixtures("warm")


async def test_the_authority_file_is_enough(certificate: Certificate) -> None:
    with serving(always(Reply("safe")), certificate) as server:
        tls = Tls("verify", ca_file=str(certificate.file))
        assert await ask(with_token(tls, server.address)) == "safe"


@pytest.mark.parametrize(
    "tls", [Tls(), Tls("pin", fingerprint="0" * 64)], ids=["authorities", "other pin"]
)
async def test_a_strange_certificate_gets_no_credential(
    certificate: Certificate, tls: Tls, monkeypatch: pytest.MonkeyPatch
) -> None:
    # A bundle named in the environment is for other tools.
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(certificate.file))
    monkeypatch.setenv("CURL_CA_BUNDLE", str(certificate.file))
    with serving(always(Reply("x")), certificate) as server:
        with pytest.raises(TlsFailed) as caught:
            await ask(with_token(tls, server.address))
        with pytest.raises(TlsFailed):
            await tell(with_token(tls, server.address))
    assert server.requests == []
    if tls.mode == "pin":
        assert certificate.fingerprint in caught.value.why


async def test_no_proxy_of_the_environment(
    certificate: Certificate, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HTTPS_PROXY", f"http://{closed_port()}")
    monkeypatch.setenv("https_proxy", f"http://{closed_port()}")
    with serving(always(Reply("direct")), certificate) as server:
        assert await ask(with_token(certificate.pin, server.address)) == "direct"


async def test_a_server_without_tls(certificate: Certificate) -> None:
    with serving(always(Reply("x")), None) as server, pytest.raises(LabError) as caught:
        await ask(with_token(certificate.pin, server.address))
    assert isinstance(caught.value, TlsFailed | Unreachable)
    assert server.requests == []


async def test_nothing_is_logged(
    certificate: Certificate, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    with serving(always(Reply(UPID)), certificate) as server:
        await tell(with_token(certificate.pin, server.address))
    names = {record.name.split(".")[0] for record in caplog.records}
    assert not names & {"proxmoxer", "urllib3", "requests"}
    assert SECRET not in caplog.text


async def test_a_redirect_is_not_followed(certificate: Certificate) -> None:
    with serving(always(Reply({})), certificate) as other:
        where = {"Location": f"https://{other.address}/api2/json/version"}
        moved = always(Reply(status=302, reason="Found", headers=where))
        with serving(moved, certificate) as one, pytest.raises(Unexpected):
            await ask(with_token(certificate.pin, one.address))
    assert other.requests == []


@pytest.mark.parametrize(
    "path",
    ["/nodes/../access/users", "/nodes/a?x=1", "/nodes//qemu", "/a#b", "/a b", "/a/%2e%2E/b"],
)
async def test_a_path_made_of_a_hostile_name_is_not_asked(
    certificate: Certificate, path: str
) -> None:
    with serving(always(Reply("x")), certificate) as server, pytest.raises(Unexpected):
        await ask(with_token(certificate.pin, server.address), path)
    assert server.requests == []


def test_the_libraries_are_loaded_only_when_something_is_asked() -> None:
    code = (
        "import sys, labtui.sources.proxmox;"
        "print([m for m in ('proxmoxer', 'requests', 'urllib3') if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
