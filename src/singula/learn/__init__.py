"""Outcomes, models and their cards, fairness."""
