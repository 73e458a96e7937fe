"""Textbook methods that no chapter uses: to compare our own with, and checked by reference cases."""
