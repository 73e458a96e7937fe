"""Textbook methods for comparison, checked by reference cases and not used in chapters."""
