"""Getting into guests, nodes and routers: what speaks against it, the ways, what is run."""
