"""What pressing Tab offers: editions, areas, returns, measures and chapters. Quick, and silent about any error."""

import csv
import tomllib
from collections.abc import Callable, Iterable
from functools import wraps
from importlib import resources
from pathlib import Path

import typer

from hcsp_assess.project import definition_files, find_project

Names = list[str]


def _silently(complete: Callable[[Path | None, str], Iterable[str]]) -> Callable[[typer.Context, str], Names]:
    """Return what typer calls: names that begin with what was typed, none where something is wrong."""

    @wraps(complete)
    def names(ctx: typer.Context, incomplete: str) -> Names:
        try:
            return sorted(name for name in complete(_root(ctx), incomplete) if name.startswith(incomplete))
        except Exception:  # whoever presses Tab wants names, or nothing
            return []

    names.__annotations__ = {"ctx": typer.Context, "incomplete": str, "return": Names}
    names.__dict__.pop("__wrapped__", None)
    return names


def _root(ctx: typer.Context) -> Path | None:
    """The project's root, by --project or the current folder; None outside a project: the package's names are left."""
    try:
        return find_project(ctx.params.get("project")).root
    except Exception:
        return None


@_silently
def complete_edition(root: Path | None, incomplete: str) -> Iterable[str]:
    """Names of editions; after "@", those of an edition for each area."""
    name, at, _ = incomplete.partition("@")
    if at:
        return [f"{name}@{key}" for key in definition_files("areas", root)]
    return definition_files("editions", root)


@_silently
def complete_area(root: Path | None, incomplete: str) -> Iterable[str]:
    """Keys of areas."""
    return definition_files("areas", root)


@_silently
def complete_areas(root: Path | None, incomplete: str) -> Iterable[str]:
    """ "all", or a list of areas in the current folder."""
    folder = Path(incomplete).parent
    lists = [path.as_posix() for path in folder.iterdir() if path.suffix in (".csv", ".toml")]
    return ["all", *lists]


@_silently
def complete_return(root: Path | None, incomplete: str) -> Iterable[str]:
    """Names of partners' returns."""
    return definition_files("returns", root)


@_silently
def complete_measure(root: Path | None, incomplete: str) -> Iterable[str]:
    """What a map can show: crime types by their keys, and hotspots."""
    file = resources.files("hcsp_assess") / "definitions" / "crime_types.toml"
    return ["hotspots", *(entry["key"] for entry in tomllib.loads(file.read_text(encoding="utf-8"))["series"])]


@_silently
def complete_partnership(root: Path | None, incomplete: str) -> Iterable[str]:
    """Names of the community safety partnerships of England and Wales."""
    file = resources.files("hcsp_assess") / "definitions" / "recorded_crime" / "partnerships.csv"
    return {row["partnership_name"] for row in csv.DictReader(file.read_text(encoding="utf-8").splitlines())}


@_silently
def complete_place(root: Path | None, incomplete: str) -> Iterable[str]:
    """Names of wards and market towns of every area of the project."""
    places: set[str] = set()
    for folder in (resources.files("hcsp_assess") / "definitions" / "areas", *([root / "areas"] if root else [])):
        for table in folder.iterdir() if folder.is_dir() else []:
            if table.name.endswith(".csv"):
                rows = csv.DictReader(table.read_text(encoding="utf-8-sig").splitlines())
                places |= {row[column] for row in rows for column in ("ward21_name", "market_town")}
    return places - {""}
