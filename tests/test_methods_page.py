import inspect
import pkgutil
from importlib import import_module
from pathlib import Path

import pytest

import hcsp_assess.trends as trends

MODULES = [
    import_module(found.name)
    for found in pkgutil.walk_packages(trends.__path__, f"{trends.__name__}.")
    if not found.ispkg
]
DOCS = Path(__file__).parents[1] / "docs"
PUBLIC = [
    function
    for module in MODULES
    for name, function in inspect.getmembers(module, inspect.isfunction)
    if function.__module__ == module.__name__ and not name.startswith("_")
]


@pytest.mark.parametrize("function", PUBLIC, ids=lambda function: function.__name__)
def test_every_public_function_says_what_it_returns_or_asks(function):
    assert function.__doc__
    assert function.__doc__.split("\n")[0].rstrip().endswith((".", "?"))
    assert len(inspect.signature(function).parameters) <= 8


def test_every_method_offered_by_trends_has_its_section_and_the_section_its_four_parts():
    page, verdicts = ((DOCS / name).read_text(encoding="utf-8") for name in ("methods.md", "methods-trends.md"))
    offered = [f.__name__ for f in PUBLIC if f.__name__ in trends.__all__ and f.__name__ != "dispersion"]
    assert [name for name in offered if f"`{name}" not in page + verdicts] == []
    sections = [
        part
        for part in page.split("\n## ")[1:]
        if not part.startswith(("Many tests", "Recording changes", "Where to go"))
    ]
    for part in sections:
        for heading in ("**Question.**", "**Formula.**", "**Source.**", "**It misleads**"):
            assert heading in part, f"{part.splitlines()[0]} lacks {heading}"


def test_no_module_of_these_loads_statsmodels_before_it_is_needed():
    import subprocess
    import sys

    loaded = subprocess.run(
        [sys.executable, "-c", "import sys, hcsp_assess.trends; print('statsmodels' in sys.modules)"],
        capture_output=True,
        text=True,
        check=True,
    )
    assert loaded.stdout.strip() == "False"
