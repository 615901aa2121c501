"""Findings become one plan: grouped, freed of conflicts, ordered, dated and explained."""
