"""What is wrong in a partnership's own definitions, found in a moment and all at once, before a run."""

from collections.abc import Callable
from pathlib import Path

from hcsp_assess.edition.published import strategy_of
from hcsp_assess.errors import InputError, Problem, did_you_mean
from hcsp_assess.project import Project
from hcsp_assess.sources.own_indicators import performance_file, read_own_indicators
from hcsp_assess.sources.peers import read_named_peers
from hcsp_assess.subject.areas import Area, area, areas
from hcsp_assess.subject.editions import Edition
from hcsp_assess.subject.holders import own_bodies
from hcsp_assess.subject.own_definitions import CHANGES, GOVERNANCE, HOLDERS, INDICATORS, PEERS, RETURNS
from hcsp_assess.subject.own_governance import own_governance
from hcsp_assess.subject.own_returns import returns_asked_for
from hcsp_assess.subject.recording_changes import own_changes


def own_problems(edition: Edition, project: Project) -> tuple[Problem, ...]:
    """Return what is wrong in `areas/KEY/` of an edition's area, and which folders in `areas/` are of no area."""
    return (*_of_no_area(project), *_of_area(edition, project))


def _of_no_area(project: Project) -> list[Problem]:
    """Folders that are read for no edition, since their name is the key of no area."""
    known, folder = areas(project.root), project.root / "areas"
    names = sorted(path.name for path in folder.iterdir() if path.is_dir()) if folder.is_dir() else []
    return [
        Problem(
            f"areas/{name}/",
            f"there is no area {name!r}, so nothing reads this folder.{did_you_mean(name, known)}",
            False,
        )
        for name in names
        if name not in known and not name.startswith(".")
    ]


def _of_area(edition: Edition, project: Project) -> tuple[Problem, ...]:
    """What is wrong in the folder of an edition's area."""
    folder = f"areas/{edition.area}/"
    try:
        here = area(edition.area, project.root)
    except InputError as error:
        return (Problem(folder, str(error)),)
    if here.own is None:
        return ()
    own = here.own
    readers: dict[str, Callable[[], object]] = {
        HOLDERS: lambda: own_bodies(here),
        RETURNS: lambda: returns_asked_for(here),
        CHANGES: lambda: own_changes(here),
        PEERS: lambda: read_named_peers(project.raw / "peers", here.key, own),
        GOVERNANCE: lambda: own_governance(here),
        INDICATORS: lambda: strategy_of(edition, here),
    }
    found = []
    for name, read in readers.items():
        try:
            read()
        except InputError as error:
            found.append(Problem(folder + name, str(error)))
    return (*found, *([] if found else _of_figures(edition, here, own)))


def require_own(edition: Edition, project: Project) -> None:
    """Stop where the own definitions of an edition's area cannot be used; `InputError` has every mistake at once."""
    found = [problem.what for problem in own_problems(edition, project) if problem.stops]
    if found:
        raise InputError("; ".join(found))


def _of_figures(edition: Edition, here: Area, own: Path) -> list[Problem]:
    """Indicators and figures that are not in the report, which can be built without them."""
    if not read_own_indicators(own):
        return []
    file, strategy = performance_file(own), strategy_of(edition, here)
    if file is None:
        what = "the indicators have no figures yet, so the report has no chapter on performance: add performance.xlsx"
        return [Problem(f"areas/{here.key}/{INDICATORS}", what, stops=False)]
    where, until = f"areas/{here.key}/{file.name}", edition.span.last.strftime("%B %Y")
    if strategy is None:
        what = f"there is no figure up to {until}, so the report has no chapter on performance"
        return [Problem(where, what, stops=False)]
    if strategy.own and strategy.later:
        return [Problem(where, f"figures of quarters that end after {until} are not in this report", stops=False)]
    return []
