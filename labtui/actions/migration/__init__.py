"""Moving one guest to another node."""
