"""A chapter without the sections that show nothing: a heading is kept where something follows it."""

import re
from typing import Any

HEADING = re.compile(r"\s*(#{2,6}) ")
SHOWN_HEADING = re.compile(r"\s*(?:<div[^>]*>\s*)?<h([2-6])\b")


def without_empty_sections(node: Any) -> Any:
    """Return an executed notebook without headings whose cells show nothing, as a report has it.

    Parameters
    ----------
    node : nbformat.NotebookNode
        An executed notebook. It is left as it is.

    Notes
    -----
    A section begins with a heading below level 1, in a cell of text, and ends before the next of its level or above,
    which a cell of code may show.
    It is left out, with its text, where it has cells of code and none of them shows anything. One of text alone stays.

    Examples
    --------
    >>> import nbformat.v4 as v4
    >>> node = v4.new_notebook(cells=[v4.new_markdown_cell("# Roads"), v4.new_markdown_cell("## When"),
    ...                               v4.new_code_cell("nothing()")])
    >>> [cell.source for cell in without_empty_sections(node).cells]
    ['# Roads', 'nothing()']
    """
    import nbformat

    cells = node.cells
    levels = [_level(cell) for cell in cells]
    begins = [level or _level_shown(cell) for level, cell in zip(levels, cells, strict=True)]
    dropped: set[int] = set()
    for start, level in enumerate(levels):
        if not level:
            continue
        ends = (place for place in range(start + 1, len(cells)) if 0 < begins[place] <= level)
        section = range(start, next(ends, len(cells)))
        code = [place for place in section if cells[place].cell_type == "code"]
        if code and not any(_shows(cells[place]) for place in code):
            dropped |= {place for place in section if cells[place].cell_type != "code"}
    kept = [cell for place, cell in enumerate(cells) if place not in dropped]
    return nbformat.from_dict({**node, "cells": kept})


def _level(cell: Any) -> int:
    """Level of the heading that a cell begins with; 0 for none below level 1."""
    found = HEADING.match(cell.source) if cell.cell_type == "markdown" else None
    return len(found[1]) if found else 0


def _level_shown(cell: Any) -> int:
    """Level of the heading that a cell of code shows first; 0 for none."""
    if cell.cell_type != "code" or not cell.outputs:
        return 0
    found = SHOWN_HEADING.match("".join(cell.outputs[0].get("data", {}).get("text/html", "")))
    return int(found[1]) if found else 0


def _shows(cell: Any) -> bool:
    """Whether a cell of code shows something with text in it."""
    return any("".join(output.get("data", {}).get("text/html", "")).strip() for output in cell.outputs)
