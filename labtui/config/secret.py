"""A secret: where it comes from, and its value only when asked for. Never shown."""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import Literal

import msgspec

from labtui.locale import _
from labtui.model.errors import Refused

SecretKind = Literal["plain", "env", "command", "file", "keyring"]
_COMMAND_LIMIT = 20.0
_ENV_SHOWN = re.compile(r"[A-Z_][A-Z0-9_]{0,39}")


class Secret(msgspec.Struct, frozen=True):
    """Where a secret is kept. `reference` is the secret itself when `kind` is plain."""

    kind: SecretKind
    reference: str

    def __repr__(self) -> str:
        return f"Secret({self.kind}, ***)"

    __str__ = __repr__

    def __rich_repr__(self) -> list[tuple[str, str]]:
        """What rich shows, in tracebacks too: msgspec's own would hand out the reference."""
        return [("kind", self.kind), ("reference", "***")]

    def reveal(self) -> str:
        """The secret itself. Blocks (a command may ask): never call it on the event loop.

        Raises `Refused` when it can't be had; the text names the place, never the value.
        """
        value = _FETCH[self.kind](self.reference)
        if not value:
            raise Refused(
                _("secret not available"),
                where=self.place,
                why=_("it is empty"),
                remedy=_("check the place named in the configuration"),
            )
        # Whatever it is, it must not stand in a log. Imported here: `redact` knows `Secret`.
        from labtui.config.redact import keep_out

        keep_out((value,))
        return value

    @property
    def place(self) -> str:
        """Where the secret is kept, for messages."""
        if self.kind == "plain":
            return _("the configuration file")
        # Capitals only: somebody may have put the secret itself where its variable's name belongs.
        if self.kind == "env" and _ENV_SHOWN.fullmatch(self.reference):
            return f"${self.reference}"
        return self.kind


def _plain(reference: str) -> str:
    return reference


def _env(reference: str) -> str:
    return os.environ.get(reference, "")


def _file(reference: str) -> str:
    path = Path(reference).expanduser()
    try:
        return path.read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError) as error:
        # A decoding error quotes the bytes it stumbled over.
        raise Refused(
            _("secret not available"),
            where=str(path),
            why=getattr(error, "strerror", None) or type(error).__name__,
            remedy=_("check the place named in the configuration"),
        ) from None


def _command(reference: str) -> str:
    import shlex
    import subprocess

    try:
        done = subprocess.run(
            shlex.split(reference), capture_output=True, timeout=_COMMAND_LIMIT, check=True
        )
    except (OSError, subprocess.SubprocessError, ValueError) as error:
        # The error's own text may quote the output, which may hold the secret.
        raise Refused(
            _("secret not available"),
            where=_("the command in the configuration"),
            why=type(error).__name__,
            remedy=_("run the command by hand"),
        ) from None
    return done.stdout.decode("utf-8", "replace").strip()


def _keyring(reference: str) -> str:
    try:
        import keyring
        from keyring.errors import KeyringError
    except ImportError as error:
        raise Refused(
            _("secret not available"),
            where="keyring",
            why=_("the package is not installed"),
            remedy="pip install 'labtui[keyring]'",
        ) from error
    service, _slash, user = reference.rpartition("/")
    try:
        return keyring.get_password(service or "labtui", user) or ""
    except KeyringError as error:
        raise Refused(
            _("secret not available"),
            where="keyring",
            why=type(error).__name__,
            remedy=_("unlock the keyring, or keep the secret in a command or file"),
        ) from None


_FETCH = {
    "plain": _plain,
    "env": _env,
    "command": _command,
    "file": _file,
    "keyring": _keyring,
}
