"""The file by which a command on another terminal finds the demo lab that runs.

It lies in a folder of the person alone, is named by the number of the process and goes with it.
"""

from __future__ import annotations

import json
import os
import stat
import tempfile
from pathlib import Path
from typing import Any

from labtui.demo.settings import write_private


def control_folder() -> Path:
    """Where the files of all demo labs of this person lie."""
    runtime = os.environ.get("XDG_RUNTIME_DIR")
    if runtime and Path(runtime).is_dir():
        return Path(runtime) / "labtui-demo"
    return Path(tempfile.gettempdir()) / f"labtui-demo-{os.getuid()}"


def write_control_file(told: dict[str, Any]) -> Path | None:
    """Write it for this process; None when the folder is not ours alone, as in a shared /tmp."""
    folder = control_folder()
    try:
        folder.mkdir(mode=0o700, exist_ok=True)
        found = folder.lstat()
        if not stat.S_ISDIR(found.st_mode) or found.st_uid != os.getuid() or found.st_mode & 0o077:
            return None
        path = folder / f"{os.getpid()}.json"
        path.unlink(missing_ok=True)
        write_private(path, json.dumps(told | {"pid": os.getpid()}) + "\n")
    except OSError:
        # A lab that cannot be found from elsewhere is still a lab.
        return None
    return path
