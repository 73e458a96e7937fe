"""Mark a test as an attack on the software: what is given, and what happens now, in words for docs/hardening.md."""

import pytest


def attack(given: str, then: str) -> pytest.MarkDecorator:
    """Return the mark of a test that gives the software a hostile or broken input."""
    return pytest.mark.attack(given, then)
