"""Mark a test as the right answer to a bad input, for the table of docs/hardening.md."""

import pytest


def attack(given: str, then: str) -> pytest.MarkDecorator:
    """Return the mark of a test: the input, and what happens now, in words."""
    return pytest.mark.attack(given, then)
