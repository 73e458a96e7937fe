"""Textbook methods that no chapter uses: kept because reference cases check our own against them."""
