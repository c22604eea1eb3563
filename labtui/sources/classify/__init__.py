"""One classifier of failures for all backends: what happened, in kind, sentence and remedy.

`sockets`, `tls`, `shell` look at exceptions, `http` at a status, `router` at traps. A backend's
own errors module reads its bodies and asks here for all the rest.
"""

from __future__ import annotations

from labtui.sources.classify import shell, sockets, tls
from labtui.sources.classify.chain import chain_of
from labtui.sources.classify.sockets import late
from labtui.sources.classify.verdict import Backend, Verdict

__all__ = ["Backend", "Verdict", "chain_of", "late", "of_exception"]


def of_exception(error: BaseException, backend: Backend) -> Verdict | None:
    """The verdict on an exception of whatever library, None for one that nobody knows.

    Its own text is used for TLS only: others may quote what was sent.
    """
    chain = tuple(chain_of(error))
    return (
        tls.of_exception(chain, backend)
        or shell.of_exception(chain)
        or sockets.of_exception(chain, backend)
    )
