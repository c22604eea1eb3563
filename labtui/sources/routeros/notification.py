"""The last BGP notification of a session, from the hex of the message to words.

Codes from RFC 4271, subcodes of Cease from RFC 4486 and RFC 8538, of OPEN from RFC 5492 and 9234.
"""

from __future__ import annotations

from labtui.locale import N_, _

_MARKER = "ff" * 16
_NOTIFICATION = 3
_CODES = {
    1: N_("message header error"),
    2: N_("OPEN message error"),
    3: N_("UPDATE message error"),
    4: N_("hold timer expired"),
    5: N_("error in the state machine"),
    6: N_("cease"),
    7: N_("ROUTE-REFRESH message error"),
}
_SUBCODES = {
    (1, 1): N_("connection not synchronised"),
    (1, 2): N_("bad message length"),
    (1, 3): N_("bad message type"),
    (2, 1): N_("BGP version not supported"),
    (2, 2): N_("wrong AS number"),
    (2, 3): N_("bad router ID"),
    (2, 4): N_("option not supported"),
    (2, 6): N_("hold time not accepted"),
    (2, 7): N_("capability not supported"),
    (2, 11): N_("BGP roles do not match"),
    (3, 1): N_("malformed attribute list"),
    (3, 2): N_("unknown well-known attribute"),
    (3, 3): N_("well-known attribute missing"),
    (3, 4): N_("attribute flags wrong"),
    (3, 5): N_("attribute length wrong"),
    (3, 6): N_("origin not valid"),
    (3, 8): N_("next hop not valid"),
    (3, 9): N_("optional attribute wrong"),
    (3, 10): N_("prefix not valid"),
    (3, 11): N_("malformed AS path"),
    (6, 1): N_("too many prefixes"),
    (6, 2): N_("shut down by the administrator"),
    (6, 3): N_("the peer was removed from the configuration"),
    (6, 4): N_("reset by the administrator"),
    (6, 5): N_("connection rejected"),
    (6, 6): N_("the configuration was changed"),
    (6, 7): N_("collision of two connections"),
    (6, 8): N_("out of resources"),
    (6, 9): N_("hard reset"),
    (6, 10): N_("BFD says the path is down"),
}


def in_words(message: str | None) -> str:
    """What a NOTIFICATION in hex says; empty for none.

    What is no whole message is named as such with its codes, never dropped: a session fell for
    a reason.
    """
    if not message:
        return ""
    try:
        code, subcode = _codes(message)
    except ValueError:
        return _("unreadable notification")
    if words := _SUBCODES.get((code, subcode)):
        return _(words)
    if words := _CODES.get(code):
        return f"{_(words)} ({code}/{subcode})" if subcode else _(words)
    return _("notification {code}/{subcode}").format(code=code, subcode=subcode)


def _codes(message: str) -> tuple[int, int]:
    text = message.strip().lower()
    data = bytes.fromhex(text.removeprefix(_MARKER)) if text.startswith(_MARKER) else b""
    # Length (2 bytes), type, code, subcode; the length counts the 16 bytes of the marker as well.
    if len(data) < 5 or data[2] != _NOTIFICATION:
        raise ValueError("no BGP notification")
    return data[3], data[4]
