"""A backup now, and the archives that there are."""
