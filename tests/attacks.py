"""Marks a test as an attack: an input that broke an earlier version, and what happens now."""

import pytest


def attack(given: str, then: str) -> pytest.MarkDecorator:
    """Mark a test with the input and the right answer, in words; docs/hardening.md is made of these marks."""
    return pytest.mark.attack(given, then)
