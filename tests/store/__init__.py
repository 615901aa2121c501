"""The store: tables, versions, searches and what keeps them from others."""
