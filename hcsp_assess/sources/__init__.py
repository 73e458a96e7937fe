"""Data from each supplier: read, clean and account for every row."""
