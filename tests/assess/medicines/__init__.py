"""Tests of the advice on medicines."""
