"""One module per medical question: record, knowledge and methods become findings."""
