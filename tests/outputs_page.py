"""The data dictionary as Markdown, for docs/outputs.md: `python tests/outputs_page.py` writes it there."""

from pathlib import Path

import pandas as pd

from hcsp_assess.report.dictionary import NO_UNIT, explained_columns, fields_table, output_files

PAGE = Path(__file__).parents[1] / "docs" / "outputs.md"
MARK = "<!-- dictionary -->\n"


def dictionary_text() -> str:
    """Return files and columns as Markdown, for docs/outputs.md."""
    parts = []
    for item in output_files():
        parts += [f"### `{item.name}`", "", f"{item.about} {item.made_from}", ""]
        if item.fields:
            parts += [*_markdown(fields_table(item).frame), ""]
    columns = pd.DataFrame(
        [(item.heading, item.tables, item.means, item.unit or NO_UNIT) for item in explained_columns()],
        columns=["Heading", "Tables", "What it holds", "Unit"],
    )
    parts += ["### Columns of the report's tables", "", *_markdown(columns), ""]
    return "\n".join(parts)


def _markdown(frame: pd.DataFrame) -> list[str]:
    head = f"| {' | '.join(frame.columns)} |"
    rows = [
        f"| {' | '.join(str(value).replace('|', chr(92) + '|').replace('*', chr(92) + '*') for value in row)} |"
        for row in frame.itertuples(index=False, name=None)
    ]
    return [head, f"|{'---|' * len(frame.columns)}", *rows]


if __name__ == "__main__":
    before = PAGE.read_text(encoding="utf-8").split(MARK)[0]
    PAGE.write_text(before + MARK + dictionary_text(), encoding="utf-8")
