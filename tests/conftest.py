"""For all tests: time limits of single examples are left to `pytest-timeout`.

Two workers share the cores with demo labs, so that any example can be slow for once.
"""

from __future__ import annotations

from hypothesis import settings

settings.register_profile("labtui", deadline=None)
settings.load_profile("labtui")
