"""Questionnaires, vital-sign scores and device series."""
