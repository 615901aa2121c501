"""Inherited findings: what was found, what it means for the person and the family, and what a negative rests on."""
