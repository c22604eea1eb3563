"""Links of every kind: joins, verdicts, layers."""
