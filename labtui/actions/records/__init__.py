"""Writing to NetBox: ending differences, handing out what is free."""
