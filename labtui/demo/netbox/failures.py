"""Refusals of the server: a status and a body as NetBox 4.6.8 words them."""

from __future__ import annotations

from typing import Any


class Failure(Exception):
    """An answer other than success."""

    def __init__(self, status: int, body: Any, headers: dict[str, str] | None = None) -> None:
        super().__init__(status, body)
        self.status = status
        self.body = body
        self.headers = headers or {}


class Invalid(Failure):
    """400 with the complaints by field; `__all__` holds those about the whole record."""

    def __init__(self, body: Any) -> None:
        super().__init__(400, body)


def detail(status: int, sentence: str) -> Failure:
    """A refusal with one sentence."""
    return Failure(status, {"detail": sentence})


def invalid(field: str, sentence: str) -> Invalid:
    """One complaint about one field."""
    return Invalid({field: [sentence]})


def not_found(noun: str) -> Failure:
    """404 for a record that is not there."""
    return detail(404, f"No {noun} matches the given query.")


def forbidden() -> Failure:
    """403 for a token that may only read."""
    return detail(403, "You do not have permission to perform this action.")
