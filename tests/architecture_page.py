"""The list of modules in ARCHITECTURE.md: `python tests/architecture_page.py` writes it there.

Each line is the first sentence of the module's own docstring, so that there is one place to say what a file is.
"""

import ast
from itertools import groupby
from pathlib import Path

ROOT = Path(__file__).parents[1]
PACKAGE = ROOT / "hcsp_assess"
PAGE = ROOT / "ARCHITECTURE.md"
MARK = "<!-- modules -->\n"


def modules_text() -> str:
    """Return every module of the package, by folder, with what its docstring says it is."""
    paths = sorted(path for path in PACKAGE.rglob("*.py") if path.name != "__init__.py")
    at_top, below = ([p for p in paths if (p.parent == PACKAGE) is top] for top in (True, False))
    parts = ["\n".join(map(_line, at_top))]
    for folder, inside in groupby(below, key=lambda path: path.parent):
        about = _first_line(folder / "__init__.py")
        parts.append(f"**`{folder.relative_to(ROOT).as_posix()}/`** {about}\n\n" + "\n".join(map(_line, inside)))
    return "\n" + "\n\n".join(parts) + "\n"


def _line(path: Path) -> str:
    return f"- `{path.relative_to(ROOT).as_posix()}`: {_first_line(path).rstrip('.')}"


def _first_line(path: Path) -> str:
    return (ast.get_docstring(ast.parse(path.read_text(encoding="utf-8"))) or "").split("\n")[0]


if __name__ == "__main__":
    before = PAGE.read_text(encoding="utf-8").split(MARK)[0]
    PAGE.write_text(before + MARK + modules_text(), encoding="utf-8")
