"""Cohort tests."""
