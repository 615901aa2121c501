"""Tests of the tumour methods."""
