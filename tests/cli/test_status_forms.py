"""`labtui status` as Markdown and as a monitoring plugin: what it says, how it ends."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from labtui.cli.markdown import as_markdown, escaped
from labtui.cli.plugin import verdict
from labtui.findings import Mark
from tests.cli.running import demo_process, labtui
from tests.live.history.test_told import cause, finding
from tests.snapshots import NOW


@pytest.fixture(scope="module")
def config() -> Iterator[str]:
    with demo_process("--speed", "5", "--scenario", "node-dead") as told:
        yield str(told["config"])


def test_the_exit_status_is_by_severity_and_what_is_put_aside_is_quiet() -> None:
    bad, warn = cause(finding("pve3")), cause(finding("pve4", "warning"))
    mark = Mark("node-down:lab/pve3", "ack", "amy", "disk swap", NOW, "critical")
    aside = cause(finding("pve3"), mark=mark)
    notice = cause(finding("pve5", "notice"))
    cases = (
        ((), (), 4, 0),
        ((notice,), (), 4, 0),
        ((warn,), (), 4, 1),
        ((warn, bad), ("netbox: x",), 4, 2),
        ((aside,), (), 4, 0),
        ((warn, aside), (), 4, 1),
        ((), ("netbox: no answer",), 4, 3),
        ((), (), 0, 3),
    )
    for found, failures, read, status in cases:
        assert verdict("lsalab", found, failures, read).status == status, (found, failures, read)


def test_the_first_line_is_one_line_with_figures() -> None:
    bad = cause(finding("pve|3\nx"))
    line = verdict("lsalab", (bad, bad, cause(finding("a", "warning"))), (), 4).line
    assert line == (
        "CRITICAL lsalab: pve/3 x is away: 3 guests were on it (and 2 more)"
        " | critical=2 warning=1 unread=0"
    )
    assert verdict("lsalab", (), (), 4).line.startswith("OK lsalab: nothing is wrong | ")


def test_markdown_has_the_causes_in_order_and_no_markup_from_outside() -> None:
    effect = finding("<b>x</b>", "warning")
    found = (cause(finding("**pve3** @all"), effect), cause(finding("pve4", "notice")))
    text = as_markdown("lsalab", found, [("nodes", "3/4 up")], ["netbox: no answer"], NOW)
    lines = text.splitlines()
    assert lines[0].startswith("## lsalab, ")
    assert lines[2] == (
        r"**CRITICAL** \*\*pve3\*\* &#64;all is away: 3 guests were on it (since 30s)"
    )
    assert r"  - \<b\>x\</b\> is away: 3 guests were on it" in lines
    assert "- **nodes**: 3/4 up" in lines
    assert lines[-1] == "- netbox: no answer"
    assert "pve4" not in text


@given(st.text(max_size=60))
def test_whatever_a_name_is_it_stays_one_line_without_markup(text: str) -> None:
    plain = escaped(text)
    assert "\n" not in plain and "@" not in plain
    bare = plain.replace("\\\\", "")
    for sign in "*_`<[#|~!":
        for place, letter in enumerate(bare):
            if letter == sign and not bare[place - 1 : place + 3].startswith("&#64"):
                assert place and bare[place - 1] in ("\\", "&"), (text, plain)


def test_status_over_a_demo_lab_with_a_dead_node(config: str) -> None:
    checked = labtui("--config", config, "status", "--check")
    assert checked.out.splitlines()[0].startswith("CRITICAL lsalab: "), checked.out
    assert checked.status == 2
    plain = labtui("--config", config, "status", "-o", "md")
    assert plain.out.startswith("## lsalab, ")
    assert "**CRITICAL**" in plain.out


def test_a_wrong_configuration_is_unknown_to_a_monitoring_system(tmp_path: Path) -> None:
    missing = str(tmp_path / "none.toml")
    assert labtui("--config", missing, "status", "--check").status == 3
    assert labtui("--config", missing, "status").status == 2
