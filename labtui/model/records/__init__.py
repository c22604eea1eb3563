"""The record beside the truth: which object of NetBox is which one of the lab. Pure."""
