"""RouterOS over its binary API: facts, WireGuard and BGP of one router."""
