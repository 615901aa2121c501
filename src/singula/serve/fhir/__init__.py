"""The FHIR R4 door: reading, searching and writing, decided row by row by the gateway."""
