"""How long anything may take, by kind of call, in seconds.

`connect` bounds the connection with its TLS handshake (and login, for a router), `silence` the wait
for the next byte, `whole` the call from its beginning to the last byte of its answer. Past `whole`
the connection is closed, never used again.
"""

from __future__ import annotations

import msgspec


class Limit(msgspec.Struct, frozen=True):
    """The limits of one kind of call."""

    connect: float
    silence: float
    whole: float


CLUSTER = Limit(4.0, 12.0, 12.0)
"""A read that any node answers from its own copy of the cluster's file system."""
STATUS = Limit(4.0, 10.0, 10.0)
"""The small ones of them: membership, tasks, HA, rights; the state or log of one task."""
WITNESS = Limit(4.0, 4.0, 4.0)
"""One of several endpoints asked for the membership at the same time."""
LOGIN = Limit(4.0, 5.0, 5.0)
"""Signing in with a password; a refusal alone takes 3 s."""
CONFIG = Limit(4.0, 6.0, 6.0)
"""One guest's configuration, forwarded where its node's own endpoint is not known."""
HARDWARE = Limit(4.0, 12.0, 12.0)
"""The PCI devices of one node."""
WRITE = Limit(4.0, 30.0, 30.0)
"""A write to a cluster; the servers themselves give a forwarded one up after 30 s."""
SHELL = Limit(8.0, 10.0, 10.0)
"""`pvesh` over SSH, with the jump hosts in between."""
ROUTER = Limit(4.0, 8.0, 8.0)
"""All questions of one reading of a router."""
COMMAND = Limit(4.0, 15.0, 15.0)
"""One command of an action on a router."""
INVENTORY = Limit(4.0, 30.0, 180.0)
"""A whole reading of NetBox, many pages: a busy one took 52 s for 2000 guests (measured)."""
