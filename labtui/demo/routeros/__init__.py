"""RouterOS binary API servers of the demo lab, one per router of its living network."""
