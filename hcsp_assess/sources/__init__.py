"""One module per supplier: read what was received, clean it, and account for every row."""
