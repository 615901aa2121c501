"""Tests of the assessors."""
