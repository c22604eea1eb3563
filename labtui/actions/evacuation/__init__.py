"""Emptying a node and bringing its guests back."""
