"""Who of several writes: the recorder if one runs, else the console that came first.

Two locks on files beside the history. The recorder holds `recorder.lock` for as long as it runs;
whoever writes holds `writer.lock`. A console that writes gives way as soon as it sees a recorder.
The kernel lets go of both when a process ends, however it does.
"""

from __future__ import annotations

import fcntl
import os
import time
from contextlib import suppress
from pathlib import Path

_TRIES, _PAUSE = 10, 0.05


class Election:
    """The part of one process. Every method blocks for a moment and may raise `OSError`."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._recorder: int | None = None
        self._writer: int | None = None

    @property
    def writes(self) -> bool:
        """Whether this process is the one that writes."""
        return self._writer is not None

    def stand_as_recorder(self) -> bool:
        """Be the recorder from now on; False when there is one already."""
        if self._recorder is None:
            # A console that looks whether there is one holds the lock for a moment itself.
            for attempt in range(_TRIES):
                if attempt:
                    time.sleep(_PAUSE)
                self._recorder = _locked(self._folder / "recorder.lock", fcntl.LOCK_EX)
                if self._recorder is not None:
                    break
        return self._recorder is not None

    def recorded(self) -> bool:
        """Whether another process is the recorder."""
        if self._recorder is not None:
            return False
        found = _locked(self._folder / "recorder.lock", fcntl.LOCK_SH)
        if found is None:
            return True
        os.close(found)
        return False

    def stand(self) -> bool:
        """Write if it is this one's turn, give way if it is not; True when this one writes."""
        if self.recorded():
            self.yield_turn()
        elif self._writer is None:
            self._writer = _locked(self._folder / "writer.lock", fcntl.LOCK_EX)
        return self.writes

    def yield_turn(self) -> None:
        """Write no more."""
        descriptor, self._writer = self._writer, None
        if descriptor is not None:
            with suppress(OSError):
                os.close(descriptor)

    def leave(self) -> None:
        """Let go of everything."""
        self.yield_turn()
        descriptor, self._recorder = self._recorder, None
        if descriptor is not None:
            with suppress(OSError):
                os.close(descriptor)


def _locked(path: Path, kind: int) -> int | None:
    """The open file with that lock, None when somebody holds it. Raises `OSError`."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    flags = os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC
    descriptor = os.open(path, flags, 0o600)
    try:
        fcntl.flock(descriptor, kind | fcntl.LOCK_NB)
    except BlockingIOError:
        os.close(descriptor)
        return None
    except OSError:
        os.close(descriptor)
        raise
    return descriptor
