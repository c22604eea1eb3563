"""Drift: what is recorded and is not so, is and is not recorded, or is otherwise. Pure."""
