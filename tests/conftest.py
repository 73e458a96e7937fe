"""Fixtures used by more than one test module."""

from pathlib import Path

import pytest

SHARED = Path(__file__).parents[1].parent / "shared"


@pytest.fixture(scope="session")
def shared() -> Path:
    """The folder of real open data and reference numbers beside the project; tests that need it skip without it."""
    if not (SHARED / "data").is_dir():
        pytest.skip("the real data and reference cases beside the project (../shared) are not on this machine")
    return SHARED
