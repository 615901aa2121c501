"""How likely what is, by every published equation that fits the person, and what would change it."""
