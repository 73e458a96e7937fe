"""A run: chapters executed, the report built, published by one rename, scheduled, on record."""
