"""One record to a command, a webhook, ntfy: what arrives, and every way not to arrive."""

from __future__ import annotations

import json
import os
import socket
import ssl
import time
from pathlib import Path
from typing import Any

import pytest

from labtui.config.schema import NotifyConfig, Tls
from labtui.config.secret import Secret
from labtui.config.tls import fingerprint_of
from labtui.live.notify.hooks import several, text_of, title_of
from labtui.live.notify.sending import Unsent, ntfy_form, send
from tests.config.servers import self_signed
from tests.live.notify.listener import listening

OFF = Tls("off")
RECORD: dict[str, Any] = {
    "form": 1,
    "lab": "lsalab",
    "news": "new",
    "id": "node-down:lab/pve3",
    "severity": "critical",
    "says": "pve3 離線: 13 guests were on it",
    "since": 5.0,
    "at": 9.0,
    "hits": "pve3, 13 guests",
    "remedies": ["look at its power"],
}


def webhook(url: str, **more: Any) -> NotifyConfig:
    return NotifyConfig("chat", webhook=url, tls=more.pop("tls", OFF), timeout=1, **more)


def test_a_webhook_gets_the_record_and_the_token() -> None:
    with listening() as listener:
        send(webhook(listener.url + "/hooks/x", token=Secret("plain", "s3cret")), RECORD)
        (request,) = listener.got
    assert (request.path, request.body) == ("/hooks/x", RECORD)
    assert request.headers["authorization"] == "Bearer s3cret"
    assert request.headers["content-type"] == "application/json"


def test_ntfy_gets_topic_title_words_and_a_priority_by_severity() -> None:
    with listening() as listener:
        config = NotifyConfig("phones", ntfy=listener.url + "/lab-alerts", tls=OFF, timeout=1)
        send(config, RECORD)
        send(config, {**RECORD, "news": "over"})
        first, second = (request.body for request in listener.got)
        assert [request.path for request in listener.got] == ["/", "/"]
    assert first["topic"] == "lab-alerts"
    assert first["title"] == "lsalab: CRITICAL"
    assert first["message"].splitlines() == [
        "pve3 離線: 13 guests were on it",
        "hits pve3, 13 guests",
        "try: look at its power",
    ]
    assert (first["priority"], second["priority"]) == (5, 2)
    assert second["title"] == "lsalab: over"


@pytest.mark.parametrize(
    ("answer", "for_good", "why"),
    [
        (500, False, "answered 500"),
        (429, False, "answered 429"),
        (403, True, "answered 403"),
        (302, True, "answered 302"),
        ("hang", False, ""),
        ("drip", False, ""),
        ("reset", False, ""),
    ],
)
def test_every_other_answer_has_its_word_and_its_end(
    answer: int | str, for_good: bool, why: str
) -> None:
    with listening() as listener:
        listener.answer = answer
        began = time.monotonic()
        with pytest.raises(Unsent) as caught:
            send(webhook(listener.url), RECORD)
        assert time.monotonic() - began < 4
        assert len(listener.got) == 1
    assert caught.value.for_good is for_good
    assert str(caught.value).startswith(why)
    assert str(caught.value)


def test_nobody_there_is_worth_another_try() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    with pytest.raises(Unsent) as caught:
        send(webhook(f"http://127.0.0.1:{port}"), RECORD)
    assert not caught.value.for_good


def test_tls_is_verified(tmp_path: Path) -> None:
    chain, der = self_signed(tmp_path)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(chain)
    pin = fingerprint_of(der)
    with listening(context) as listener:
        for tls in (Tls(), Tls("pin", fingerprint="0" * 64)):
            with pytest.raises(Unsent):
                send(webhook(listener.url, tls=tls, token=Secret("plain", "s3cret")), RECORD)
        assert listener.got == []
        send(webhook(listener.url, tls=Tls("pin", fingerprint=pin)), RECORD)
        assert len(listener.got) == 1


def test_a_command_gets_the_record_on_its_input(tmp_path: Path) -> None:
    out = tmp_path / "out"
    send(NotifyConfig("c", ("sh", "-c", f"cat > {out}"), timeout=5), RECORD)
    assert json.loads(out.read_text()) == RECORD


def test_a_command_has_no_shell_of_its_own(tmp_path: Path) -> None:
    with pytest.raises(Unsent):
        send(NotifyConfig("c", (f"touch {tmp_path}/x; true",), timeout=5), RECORD)
    assert not (tmp_path / "x").exists()


def test_a_command_that_fails_is_told_by_its_status(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level("INFO", "labtui")
    with pytest.raises(Unsent, match="it ended with 3"):
        send(NotifyConfig("c", ("sh", "-c", "cat >/dev/null; echo no route; exit 3")), RECORD)
    assert "no route" in caplog.text


def test_a_command_that_hangs_is_ended_with_all_it_began(tmp_path: Path) -> None:
    pids = tmp_path / "pids"
    script = f"sleep 60 & echo $! > {pids}; wait"
    with pytest.raises(Unsent, match="not done in 1 s"):
        send(NotifyConfig("c", ("sh", "-c", script), timeout=1), RECORD)
    pid = int(pids.read_text())
    for _try in range(100):
        state = Path(f"/proc/{pid}/stat")
        if not state.exists() or state.read_text().split()[2] == "Z":
            break
        time.sleep(0.02)
    else:
        os.kill(pid, 9)
        pytest.fail("its child goes on")


def test_one_record_for_many_names_the_first_and_counts_the_rest() -> None:
    many = [{**RECORD, "says": f"cause {n}", "severity": "warning"} for n in range(14)]
    whole = several([*many, {**RECORD, "news": "over"}])
    assert (whole["count"], whole["severity"]) == (15, "warning")
    assert whole["says"] == "cause 0, and 14 more"
    lines = text_of(whole).splitlines()
    assert (len(lines), lines[-1]) == (11, "and 5 more")
    assert title_of(whole) == "lsalab: warning"
    assert ntfy_form(whole, "t")["priority"] == 4
