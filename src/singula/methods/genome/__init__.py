"""Allele matching, polygenic scores, classification points."""
