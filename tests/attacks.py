"""Attacks that stay: what was given, and what happens now; `docs/hardening.md` is made from these marks."""

import pytest


def attack(given: str, then: str) -> pytest.MarkDecorator:
    """Mark a test as an attack: the input, in words, and what happens now, in words."""
    return pytest.mark.attack(given, then)
