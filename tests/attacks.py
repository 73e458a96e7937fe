"""Marks for tests of hostile input, and docs/hardening.md, which `python -m tests.attacks` writes from them.

Each mark says what was given and what happens now, both in words. The test files are parsed, not imported.
"""

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PAGE = ROOT / "docs" / "hardening.md"
MARK = "attack"

OPENING = """# What damaged and hostile input does

This page lists the damaged, oversized and hostile inputs that are tried in the tests, and what the software does with
each. It is written from the tests by `python -m tests.attacks`: each row is one test, so please change the test, then
run that command.

Three rules apply to all of them:

- Something wrong in a file, a folder, an address or a command gives a sentence: what is wrong, where, and what to do.
- A damaged copy of our own (in `data/processed`) is made again from what was received.
- An error in the software itself gives a short report with the name of its log, which holds the technical details.
"""
CLOSING = """## How to try more

`make test-slow` also makes damaged files at random, from a fixed starting number, so that each can be made again. Set
`HCSP_ASSESS_FUZZ_MINUTES=20` to let it run for 20 minutes (the default is 2). `HCSP_ASSESS_FUZZ_SEED` is the number to
start from; a failing test names the one that it had reached.

## Where to go next

- [Cleaning](cleaning.md): which rows of a street file are kept, and why the others are set aside.
- [Fetching](fetching.md): what is checked in a download.
- [Unattended runs](unattended.md): what is recorded when a run fails.
"""


@dataclass(frozen=True)
class Attack:
    """What was given, what happens now, and the test that shows it."""

    given: str
    then: str
    test: str


def attack(given: str, then: str) -> pytest.MarkDecorator:
    """Mark a test with the input that it tries and what happens now, both in words."""
    return pytest.mark.attack(given, then)


def find_attacks(path: Path) -> Iterator[Attack]:
    """Find the marks of one test file, in order: those of functions, and of the cases of `pytest.param`.

    A mark whose words are not written out, such as one made in a loop, is left out, and its place is printed.
    """
    text = path.read_text(encoding="utf-8")
    if not re.search(r"from (tests\.)?attacks import|mark\.attack\b", text):
        return  # it may have an `attack` of its own
    tree = ast.parse(text)
    for top in tree.body:
        for node in [top, *(top.body if isinstance(top, ast.ClassDef) else [])]:
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.Assign | ast.AnnAssign):
                name = f"::{node.name}" if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) else ""
                calls = sorted(filter(_is_attack, ast.walk(node)), key=lambda call: (call.lineno, call.col_offset))
                texts = [words for call in calls if (words := _words(call, path))]
                yield from (Attack(*words, f"{path.name}{name}") for words in texts)


def _is_attack(node: ast.AST) -> bool:
    called = node.func if isinstance(node, ast.Call) else None
    return getattr(called, "id", getattr(called, "attr", "")) == MARK


def _words(call: ast.Call, path: Path) -> tuple[str, str] | None:
    given = [*call.args, *(keyword.value for keyword in call.keywords)]
    try:
        what, then = map(ast.literal_eval, given)
    except ValueError:
        print(f"{path.name}, line {call.lineno}: left out, as an attack needs two texts, both written out")
        return None
    return str(what), str(then)


def page_text() -> str:
    """Return docs/hardening.md: a table of attacks for each file of tests that has any."""
    parts = [OPENING]
    for path in sorted((ROOT / "tests").glob("test_*.py")):
        if found := list(find_attacks(path)):
            rows = [f"| {_cell(each.given)} | {_cell(each.then)} | `{each.test.split('::')[-1]}` |" for each in found]
            head = ["| What is given | What happens | Test |", "|---|---|---|"]
            parts.append("\n".join([f"## {_title(path)}", "", f"In `tests/{path.name}`.", "", *head, *rows]) + "\n")
    return "\n".join([*parts, CLOSING])


def _title(path: Path) -> str:
    """The first sentence of the file's docstring, or its name in words."""
    about = ast.get_docstring(ast.parse(path.read_text(encoding="utf-8"))) or path.stem.removeprefix("test_")
    return re.split(r"[.:](?:\s|$)", about.replace("\n", " "))[0].replace("_", " ").capitalize()


def _cell(text: str) -> str:
    return " ".join(text.replace("|", "\\|").split())


if __name__ == "__main__":
    PAGE.write_text(page_text(), encoding="utf-8")
