"""Risk equations and what treatment changes."""
