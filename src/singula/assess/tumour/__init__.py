"""What a tumour opens and closes, what was not tested, and what further treatment would gain."""
