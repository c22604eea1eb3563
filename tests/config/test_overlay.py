"""`[overlay]`: AS numbers of others, and what is no such thing."""

from __future__ import annotations

import pytest

from labtui.config.mistakes import ConfigError
from labtui.config.schema import OverlayConfig
from labtui.model.overlay import DN42_REALM, Realm
from tests.config.test_log_cache import parsed


def test_dn42_is_outside_unless_something_else_is_said() -> None:
    assert parsed().overlay == OverlayConfig((DN42_REALM,))
    assert parsed(overlay={}).overlay == OverlayConfig((DN42_REALM,))


def test_ranges_single_numbers_and_names() -> None:
    given_ = ["64496-64511 an exchange", "4200000001", "4242420000-4242423999 DN42"]
    assert parsed(overlay={"outside": given_}).overlay.outside == (
        Realm(64496, 64511, "an exchange"), Realm(4200000001, 4200000001), DN42_REALM)  # fmt: skip


@pytest.mark.parametrize("text", ["DN42", "9-1 x", "0", "4294967296", "1-2-3", "1 - 2"])
def test_what_is_no_range_is_named(text: str) -> None:
    with pytest.raises(ConfigError, match=r"overlay\.outside\[0\]: expected AS numbers"):
        parsed(overlay={"outside": [text]})
