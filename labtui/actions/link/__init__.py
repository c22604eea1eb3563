"""A link between two routers, made and taken away as a whole."""
