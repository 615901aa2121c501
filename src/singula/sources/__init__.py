"""Readers: outside formats become records."""
