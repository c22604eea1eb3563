"""Refusals of the server, with status, reason phrase and body as the real one sends them."""

from __future__ import annotations

from typing import Any

NO_QUORUM = "cluster not ready - no quorum?"


class ApiError(Exception):
    """An answer with a status of 400 or more.

    The reason phrase is the first line of the message; `empty` answers (401, 59x) have no body at
    all and say everything in the status line.
    """

    def __init__(
        self,
        status: int,
        message: str,
        errors: dict[str, str] | None = None,
        *,
        empty: bool = False,
    ) -> None:
        super().__init__(message)
        self.status = status
        self.message = message
        self.errors = errors
        self.empty = empty

    @property
    def reason(self) -> str:
        """The reason phrase."""
        return self.message.split("\n", 1)[0]

    def body(self) -> dict[str, Any]:
        """The JSON body; 501 is the only one whose message has no newline."""
        message = self.message if self.status == 501 else f"{self.message}\n"
        body: dict[str, Any] = {"data": None, "message": message}
        if self.errors is not None:
            body["errors"] = self.errors
        return body


def died(message: str) -> ApiError:
    """What a Perl `die` becomes: 500."""
    return ApiError(500, message)


def bad_parameters(errors: dict[str, str]) -> ApiError:
    """400 with one text per parameter."""
    return ApiError(400, "Parameter verification failed.", errors)


def forbidden(detail: str) -> ApiError:
    """403; `detail` is `path, privilege` or nothing."""
    text = f" ({detail})" if detail else ""
    return ApiError(403, f"Permission check failed{text}")


def unauthorised(reason: str) -> ApiError:
    """401 without a body."""
    return ApiError(401, reason, empty=True)


def unreachable(reason: str, status: int = 595) -> ApiError:
    """The other node could not be asked: 595 (no connection) or 596 (no answer), no body."""
    return ApiError(status, reason, empty=True)
