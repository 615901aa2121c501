"""CDS Hooks 2.0: what a prescriber is told in the half second between choosing and signing."""
