"""Body size, organ function and dosing equations."""
