"""The same pipeline over many people."""
