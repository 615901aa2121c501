"""The operations of the Genomics Reporting guide: what was found in a person's genome, and in how many people."""
