"""The web application: FHIR, CDS Hooks, SMART, pages."""
