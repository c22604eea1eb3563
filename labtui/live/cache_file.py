"""The file that the last snapshot is kept in: its form, reading it with suspicion, writing it.

The first line names the form and has the digest of the rest, which is compressed msgpack: an
envelope, and in it each part by itself, so that a part whose form changed with a new version of
labtui is left out alone. The file is its owner's alone (0600) and replaced as a whole.

It holds what the screen shows and no credentials, for no part has any. Two kinds of free text are
left out all the same, since people write passwords there: the notes of guests and the complaints of
a reading.
"""

from __future__ import annotations

import os
import stat
import time
import zlib
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path

import msgspec

from labtui.locale import _
from labtui.model.feed import Feed, Freshness
from labtui.model.guests import GuestConfigs
from labtui.model.snapshot import TOPICS, Part, Snapshot

FORMAT = 1
_NAME = b"labtui snapshot "
_LARGEST = 32 << 20
_LARGEST_BODY = 256 << 20
_LEFTOVER_AGE = 3600.0

Backends = dict[str, tuple[str, ...]]
"""`proxmox/NAME` and the like -> the addresses that the configuration has for it."""


class Unusable(Exception):
    """The file can't be used; its text says in a few words what it is instead."""


class _Entry(msgspec.Struct, array_like=True, frozen=True):
    """A part with what is to be known of its reading."""

    feed: Feed
    pace: float
    read_at: float
    took: float
    via: str
    part: msgspec.Raw


class _Envelope(msgspec.Struct, frozen=True):
    lab: str
    backends: Backends
    entries: list[_Entry]


class Kept(msgspec.Struct, frozen=True):
    """What was in the file, of the sources that this configuration has too."""

    parts: Mapping[Feed, Part]
    freshness: Mapping[Feed, Freshness]


def encode(snapshot: Snapshot, backends: Backends) -> bytes:
    """The content of the file. Any thread may call."""
    encoder = msgspec.msgpack.Encoder()
    entries = []
    for feed, part in snapshot.parts.items():
        fresh = snapshot.freshness.get(feed)
        if fresh is not None and fresh.read_at is not None and _name(feed) in backends:
            raw = msgspec.Raw(encoder.encode(_without_notes(part)))
            entries.append(
                _Entry(feed, fresh.pace, fresh.read_at, fresh.took, fresh.via, raw),
            )
    body = zlib.compress(encoder.encode(_Envelope(snapshot.lab, backends, entries)), 1)
    return b"%s%d %s\n%s" % (_NAME, FORMAT, _digest(body), body)


def decode(data: bytes, lab: str, backends: Backends) -> Kept:
    """The parts in the content of a file. Raises `Unusable`."""
    head, _line, body = data.partition(b"\n")
    _check_head(head, body)
    try:
        inflater = zlib.decompressobj()
        plain = inflater.decompress(body, _LARGEST_BODY)
        envelope = msgspec.msgpack.decode(plain, type=_Envelope)
    except (zlib.error, msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
        raise Unusable(_("damaged")) from error
    ours = {
        name
        for name, addresses in backends.items()
        if not set(addresses).isdisjoint(envelope.backends.get(name, ()))
    }
    if envelope.lab != lab or not ours:
        raise Unusable(_("of another lab"))
    return _kept([entry for entry in envelope.entries if _name(entry.feed) in ours])


def _check_head(head: bytes, body: bytes) -> None:
    words = head.removeprefix(_NAME).split(b" ")
    if not head.startswith(_NAME) or len(words) != 2 or not words[0].isdigit():
        raise Unusable(_("damaged"))
    if words[0] != b"%d" % FORMAT:
        raise Unusable(_("of another version of labtui"))
    if words[1] != _digest(body):
        raise Unusable(_("damaged"))


def _kept(entries: list[_Entry]) -> Kept:
    parts: dict[Feed, Part] = {}
    freshness: dict[Feed, Freshness] = {}
    for entry in entries:
        kind = TOPICS.get(entry.feed.topic)
        if kind is None:
            continue
        # The digest is right, so this is the form of another version: it will be read anew.
        with suppress(msgspec.ValidationError):
            parts[entry.feed] = msgspec.msgpack.decode(entry.part, type=kind)
            freshness[entry.feed] = Freshness(
                pace=entry.pace, read_at=entry.read_at, took=entry.took, via=entry.via
            )
    return Kept(parts, freshness)


def read(path: Path) -> bytes | None:
    """The content of the file, None when there is none. Raises `Unusable` and `OSError`."""
    try:
        # Nothing that waits for a writer, nothing that leads elsewhere.
        descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    except FileNotFoundError:
        return None
    except OSError as error:
        if path.is_symlink():
            raise Unusable(_("a link")) from error
        raise
    try:
        facts = os.fstat(descriptor)
        if not stat.S_ISREG(facts.st_mode) or facts.st_size > _LARGEST:
            raise Unusable(_("damaged"))
        if facts.st_uid != os.geteuid() or facts.st_mode & 0o077:
            raise Unusable(_("open to others"))
        with os.fdopen(descriptor, "rb", closefd=False) as stream:
            return stream.read(_LARGEST)
    finally:
        os.close(descriptor)


def write(path: Path, data: bytes) -> None:
    """Replace the file. Raises `OSError`.

    It is not forced to the disk: what a power cut leaves behind is told by its digest, and costs
    no more than a first frame without memory.
    """
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    fresh = path.with_name(f"{path.name}.{os.getpid()}.new")
    fresh.unlink(missing_ok=True)
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC
    try:
        with os.fdopen(os.open(fresh, flags, 0o600), "wb") as stream:
            stream.write(data)
        fresh.replace(path)
    except OSError:
        with suppress(OSError):
            fresh.unlink(missing_ok=True)
        raise
    _sweep(path)


def set_aside(path: Path) -> Path:
    """Rename the file, so that it is neither used again nor lost. Raises `OSError`."""
    aside = path.with_name(path.name + ".damaged")
    path.replace(aside)
    if aside.is_file() and not aside.is_symlink():
        with suppress(OSError):
            aside.chmod(0o600)
    return aside


def forget(path: Path) -> None:
    """Remove the file and what lies beside it of earlier ones."""
    for each in (path, *path.parent.glob(path.name + ".*")):
        with suppress(OSError):
            each.unlink()


def _sweep(path: Path) -> None:
    """Remove what consoles that were killed in the middle of writing left behind."""
    oldest = time.time() - _LEFTOVER_AGE
    for each in path.parent.glob(f"{path.name}.*.new"):
        with suppress(OSError):
            if each.lstat().st_mtime < oldest:
                each.unlink()


def _without_notes(part: Part) -> Part:
    if not isinstance(part, GuestConfigs):
        return part
    return GuestConfigs(
        {
            vmid: msgspec.structs.replace(config, description="") if config.description else config
            for vmid, config in part.configs.items()
        }
    )


def _name(feed: Feed) -> str:
    return f"{feed.backend}/{feed.source}"


def _digest(body: bytes) -> bytes:
    import hashlib

    return hashlib.blake2b(body, digest_size=16).hexdigest().encode()
