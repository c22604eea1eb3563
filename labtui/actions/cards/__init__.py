"""Cards: handed over between guests, and the leases and requests that go with them."""
