"""What the configuration says about links that are made: where from, and what they must pass."""

from __future__ import annotations

import msgspec


class LinkRules(msgspec.Struct, frozen=True):
    """`pool` is the prefix in NetBox that link subnets of `length` are taken from.

    `asn_range` is NetBox's range for a site without a number. `filter` is the chain that what is
    announced goes through where a router has none of its own, `filter_rule` what is in it when it
    has to be made. `ports` are the first and the last to listen on. `group` and `role` are slugs of
    NetBox's tunnel group and prefix role.
    """

    pool: str = ""
    length: int = 30
    asn_range: str = ""
    filter: str = ""
    filter_rule: str = ""
    ports: tuple[int, int] = (51820, 52843)
    group: str = ""
    role: str = ""
