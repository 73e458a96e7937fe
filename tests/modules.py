"""The package's modules as they are written, parsed once for all tests of a file that look at them."""

import ast
from functools import cache
from pathlib import Path

PACKAGE = Path(__file__).parents[1] / "hcsp_assess"


@cache
def nodes_of(path: Path) -> tuple[ast.AST, ...]:
    """Every node of a module, the module first."""
    return tuple(ast.walk(ast.parse(path.read_text(encoding="utf-8"))))


def docstrings_of(path: Path) -> dict[ast.AST, str]:
    """Docstrings of a module, its classes and functions, "" where there is none."""
    kinds = ast.Module | ast.ClassDef | ast.FunctionDef
    return {node: ast.get_docstring(node) or "" for node in nodes_of(path) if isinstance(node, kinds)}
