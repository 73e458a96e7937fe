"""A frame as a Markdown table."""

import pandas as pd


def as_markdown(table: pd.DataFrame, index_name: str) -> str:
    """Index first; missing cells are left as a dash."""
    lines = [[index_name, *map(str, table.columns)], ["---"] * (len(table.columns) + 1)]
    for name, row in zip(table.index, table.itertuples(index=False), strict=True):
        lines.append([str(name), *("-" if pd.isna(cell) else str(cell) for cell in row)])
    return "\n".join("| " + " | ".join(line) + " |" for line in lines)
