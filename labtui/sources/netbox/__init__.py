"""The NetBox source: what should exist, read with pynetbox."""
