"""What we may: held on a path, handed down from above, or not."""

from __future__ import annotations

import pytest

from labtui.model.cluster import Rights

AUDIT, MOVE = frozenset(("VM.Audit",)), frozenset(("VM.Audit", "VM.Migrate"))


@pytest.mark.parametrize(
    ("held", "shallow", "path", "expected"),
    [
        ({"/": MOVE}, {}, "/vms/104", True),
        ({"/": AUDIT}, {}, "/vms/104", False),
        ({"/": MOVE, "/vms": AUDIT}, {}, "/vms/104", False),
        ({"/vms": MOVE}, {"/vms": MOVE}, "/vms", True),
        ({"/vms": MOVE}, {"/vms": MOVE}, "/vms/104", False),
        # What does not go deeper is passed over: the path above it decides.
        ({"/": MOVE, "/vms": AUDIT}, {"/vms": AUDIT}, "/vms/104", True),
        ({"/vms/104": MOVE}, {"/vms/104": MOVE}, "/vms/104", True),
        ({"/vms/104": MOVE}, {}, "/vms/105", False),
        ({}, {}, "/", False),
    ],
)
def test_a_right(
    held: dict[str, frozenset[str]],
    shallow: dict[str, frozenset[str]],
    path: str,
    expected: bool,
) -> None:
    assert Rights("me@pve!t", "9.2", held, shallow).allows("VM.Migrate", path) is expected
