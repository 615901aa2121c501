"""Alteration matching, prognosis, response."""
