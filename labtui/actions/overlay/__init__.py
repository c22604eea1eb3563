"""Changes of routers: sentences with a way back, tunnels and sessions on, off and anew."""
