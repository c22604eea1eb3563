"""What the token of a request lets it see and change."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from labtui.demo.netbox.failures import forbidden
from labtui.demo.netbox.permissions import reaches
from labtui.demo.netbox.schema import Row
from labtui.demo.netbox.store import Store
from labtui.demo.netbox.tokens import Token


@dataclass(frozen=True)
class Access:
    """The rights of one token over the records of one store. Actions: view, add, change, delete."""

    store: Store
    token: Token

    @property
    def username(self) -> str:
        """Whose token it is."""
        return self.token.username

    def need(self, label: str, action: str) -> None:
        """Raise `Failure` (403) if the user may do that with no record of the kind at all."""
        if self.token.permits(label, action) == ():
            raise forbidden()

    def reaches(self, label: str, row: Row, action: str) -> bool:
        """Whether the constraints let the user do that with this record."""
        permissions = self.token.permits(label, action)
        return reaches(permissions, self.store, label, row, self.token.username)

    def test(self, label: str, action: str) -> Callable[[Row], bool] | None:
        """The test of a record, None where there are no limits."""
        if self.token.permits(label, action) is None:
            return None
        return lambda row: self.reaches(label, row, action)
