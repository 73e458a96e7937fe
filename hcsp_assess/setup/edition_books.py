"""Start the spreadsheets of an edition: plan, scores and actions, with the edition's own lists to choose from."""

from pathlib import Path

from hcsp_assess.errors import UsageError
from hcsp_assess.files import write_whole
from hcsp_assess.project import Project
from hcsp_assess.run.texts_check import last_findings, usable_strategy
from hcsp_assess.sources.own_indicators import read_own_priorities
from hcsp_assess.sources.text_sheet_templates import book_bytes
from hcsp_assess.subject.areas import area
from hcsp_assess.subject.county_themes import county_themes
from hcsp_assess.subject.editions import edition as find_edition


def start_book(name: str, edition: str, project: Project, path: Path | None = None) -> Path:
    """Write a blank spreadsheet for an edition's plan, scores or actions, with lists to choose from.

    Parameters
    ----------
    name : str
        "plan", "scores" or "actions".
    path : Path, optional
        File to write (.xlsx); by default in the edition's folder.

    Raises
    ------
    UsageError
        If the file is there already, or does not end with .xlsx.
    InputError
        If the area's `priorities.csv` cannot be used.
    """
    target = path or project.root / "editions" / edition / f"{name}.xlsx"
    if target.suffix.lower() != ".xlsx":
        raise UsageError(f"the template for {name} is an .xlsx file, not {target.name}")
    if target.exists():
        raise UsageError(f"{target} is there already: edit it, or choose another name")
    choices = {
        "findings": [str(item["key"]) for item in last_findings(edition, project)],
        "themes": list(county_themes()),
        "priorities": _priorities(edition, project),
    }
    write_whole(target, book_bytes(name, choices=choices))
    return target


def _priorities(edition: str, project: Project) -> list[str]:
    """Keys of the priorities of the edition's own partnership; none where it has no table of them: they are typed."""
    chosen = find_edition(edition, project.root)
    strategy = usable_strategy(chosen, project)
    if strategy is not None:
        table = strategy.published.priorities
    else:
        own = area(chosen.area, project.root).own
        if own is None:
            return []
        table = read_own_priorities(own)
    return list(dict.fromkeys(table["priority"]))
