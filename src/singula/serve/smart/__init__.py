"""SMART App Launch 2.2: how people and programs get the tokens that open the doors."""
