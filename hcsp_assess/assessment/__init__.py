"""Indicators, findings and all wording: what the numbers mean for the partnership."""
