"""Cards: hand-overs, leases, requests."""
