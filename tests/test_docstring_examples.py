"""The examples in docstrings run and give what they say, and no public function of trends or places is without one."""

import doctest
import inspect
import pkgutil
from importlib import import_module
from types import ModuleType

import pytest
from modules import PACKAGE

import hcsp_assess.places
import hcsp_assess.trends

FLAGS = doctest.ELLIPSIS | doctest.NORMALIZE_WHITESPACE


def _modules(package: ModuleType) -> list[ModuleType]:
    return [import_module(found.name) for found in pkgutil.walk_packages(package.__path__, f"{package.__name__}.")]


METHODS = [*_modules(hcsp_assess.trends), *_modules(hcsp_assess.places)]
OTHERS = [
    import_module(".".join(path.relative_to(PACKAGE.parent).with_suffix("").parts))
    for path in sorted(PACKAGE.rglob("*.py"))
    if {"trends", "places"}.isdisjoint(path.parts) and ">>> " in path.read_text(encoding="utf-8")
]
FUNCTIONS = [
    function
    for module in METHODS
    for name, function in inspect.getmembers(module, inspect.isfunction)
    if function.__module__ == module.__name__ and not name.startswith("_")
]


@pytest.mark.parametrize("module", [*METHODS, *OTHERS], ids=lambda module: module.__name__)
def test_examples_give_what_they_say(module: ModuleType) -> None:
    assert doctest.testmod(module, optionflags=FLAGS).failed == 0


def test_every_public_function_of_trends_and_places_has_an_example() -> None:
    assert len(FUNCTIONS) > 50
    assert [f"{f.__module__}.{f.__name__}" for f in FUNCTIONS if ">>> " not in inspect.getdoc(f)] == []
