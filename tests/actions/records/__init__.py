"""Writing to NetBox."""
