"""The living network of the demo lab: tunnels, BGP sessions and prefixes."""
