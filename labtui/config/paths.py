"""Where labtui's files are: the configuration, the themes, and its own private folders.

The configuration is what `--config` names, else `$LABTUI_CONFIG`, else `labtui/config.toml` in
`$XDG_CONFIG_HOME` (`~/.config`). Folders that labtui writes to are made with mode 0700.
"""

from __future__ import annotations

import os
import re
from pathlib import Path

from labtui.locale import _
from labtui.model.errors import LabError

_NAME = "labtui"
_PACKAGE = Path(__file__).resolve().parent.parent


def config_file(option: str | Path | None = None) -> Path:
    """The configuration file to read; it need not be there."""
    named = option or os.environ.get("LABTUI_CONFIG")
    if named:
        return _expanded(Path(named))
    import platformdirs  # here and below: a start with `--config` needs none of its folders

    return platformdirs.user_config_path(_NAME) / "config.toml"


def example_file() -> Path:
    """The example configuration that came with labtui (in the wheel, else in the checkout)."""
    packed = _PACKAGE / "config" / "config.example.toml"
    return packed if packed.is_file() else _PACKAGE.parent / "config.example.toml"


def theme_folders(config: Path | None = None) -> tuple[Path, ...]:
    """Where themes are read from: labtui's own folder, then `themes` beside the configuration."""
    packed = _PACKAGE / "themes"
    own = packed if packed.is_dir() else _PACKAGE.parent / "themes"
    return own, (config or config_file()).parent / "themes"


def cache_folder(lab: str = "") -> Path:
    """Where the last known state is kept, for one lab if named; made 0700. Raises `LabError`."""
    import platformdirs

    return _own_folder(platformdirs.user_cache_path(_NAME), lab)


def state_folder(lab: str = "") -> Path:
    """Where history and freezes are kept, for one lab if named; made 0700. Raises `LabError`."""
    import platformdirs

    return _own_folder(platformdirs.user_state_path(_NAME), lab)


def journal_folder(lab: str = "") -> Path:
    """Where jobs write down what they did; made 0700. Raises `LabError`."""
    return private_folder(state_folder(lab) / "journal")


def private_folder(path: Path) -> Path:
    """That folder, made when it is missing, for this user alone (0700).

    Raises `LabError` when it can't be made or belongs to somebody else.
    """
    try:
        path.mkdir(mode=0o700, parents=True, exist_ok=True)
        facts = path.stat()
        owner = os.geteuid()
        if facts.st_uid == owner and facts.st_mode & 0o077:
            path.chmod(0o700)
    except OSError as error:
        raise LabError(
            _("a folder of labtui can't be used"),
            where=str(path),
            why=error.strerror or type(error).__name__,
            remedy=_("make it by hand with mode 0700, or set XDG_CACHE_HOME and XDG_STATE_HOME"),
        ) from error
    if facts.st_uid != owner:
        raise LabError(
            _("a folder of labtui can't be used"),
            where=str(path),
            why=_("it belongs to another user"),
            remedy=_("remove it, or set XDG_CACHE_HOME and XDG_STATE_HOME"),
        )
    return path


def _own_folder(base: Path, lab: str) -> Path:
    folder = private_folder(base)
    return private_folder(folder / folder_name(lab)) if lab else folder


def folder_name(lab: str) -> str:
    """A lab's name as the name of a folder; the digest keeps apart what looks the same."""
    import hashlib

    digest = hashlib.sha256(lab.encode("utf-8", "surrogatepass")).hexdigest()[:8]
    return f"{re.sub(r'[^A-Za-z0-9-]', '_', lab)[:40]}-{digest}"


def _expanded(path: Path) -> Path:
    try:
        return path.expanduser().absolute()
    except RuntimeError:
        return path.absolute()
