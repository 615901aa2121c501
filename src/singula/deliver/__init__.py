"""Pure renderers: a plan becomes pages, FHIR, cards."""
