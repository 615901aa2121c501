"""Singula: one plan for one person, explainable and evidence-graded."""

__version__ = "0.1.0"
