"""Open data of an edition: the project's files for its area, with an account of every row."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Final

from hcsp_assess.assessment.findings import Finding
from hcsp_assess.assessment.open_data import OpenFigure, open_figures
from hcsp_assess.assessment.wording.open_data import describe_figure, describe_not_readable
from hcsp_assess.errors import InputError
from hcsp_assess.project import Project
from hcsp_assess.sources.open_data.definitions import suppliers
from hcsp_assess.sources.open_data.exclusions import find_exclusions, read_exclusions
from hcsp_assess.sources.open_data.fingertips import find_fingertips, read_fingertips
from hcsp_assess.sources.open_data.fires import find_fires, fire_authority, read_fires
from hcsp_assess.sources.open_data.fly_tipping import find_fly_tipping, read_fly_tipping
from hcsp_assess.sources.open_data.folder import FOLDER
from hcsp_assess.sources.open_data.frame import OpenData
from hcsp_assess.sources.open_data.road_casualties import open_road_casualties
from hcsp_assess.sources.road_safety import FOLDERS, find_national_files, read_road_casualties
from hcsp_assess.subject.areas import Area
from hcsp_assess.subject.editions import Edition


@dataclass(frozen=True)
class EditionOpenData:
    """An edition's open data.

    Attributes
    ----------
    held : tuple of OpenData
        Of each supplier whose files are there and could be read.
    problems : tuple of (str, str)
        Key of each supplier whose files could not be read, and why, in one sentence.
    """

    edition: Edition
    area: Area
    held: tuple[OpenData, ...]
    problems: tuple[tuple[str, str], ...]

    @cached_property
    def figures(self) -> tuple[OpenFigure, ...]:
        """Every measure with a value up to the end of the edition, tested by subject area."""
        until = self.edition.span.last
        return open_figures(self.held, suppliers(), district=self.area.figures_code, until=until)

    def of(self, chapter: str) -> tuple[OpenFigure, ...]:
        """The measures of a chapter."""
        return tuple(item for item in self.figures if item.measure.chapter == chapter)

    def findings_of(self, chapter: str) -> tuple[Finding, ...]:
        """The latest figure of each measure of a chapter, and which supplier's files could not be read."""
        ends = {item.measure.key: item.latest["ends"] for item in self.figures}
        said = [item for item in self.of(chapter) if ends.get(item.measure.said_by) != item.latest["ends"]]
        found = [describe_figure(item) for item in said]
        broken = [suppliers()[key] for key, _ in self.problems]
        return (
            *found,
            *(
                describe_not_readable(each.title)
                for each in broken
                if chapter in {measure.chapter for measure in each.measures}
            ),
        )


Reader = Callable[[Path, Area], OpenData | None]


def open_open_data(edition: Edition, area: Area, project: Project) -> EditionOpenData:
    """Read the project's files from each supplier, for an edition's area.

    A supplier without files is not held. One whose files cannot be read is a problem, which `check` and the run's
    warnings show; the others are read all the same.
    """
    held: list[OpenData] = []
    problems: list[tuple[str, str]] = []
    for key, read in READERS.items():
        try:
            data = read(project.root, area)
        except InputError as error:
            problems.append((key, str(error)))
        else:
            held += [data] if data is not None else []
    return EditionOpenData(edition, area, tuple(held), tuple(problems))


def received(project: Project) -> tuple[Path, ...]:
    """Return the folders from which open data are read."""
    return (project.root / FOLDER, *(project.root / folder for folder in FOLDERS))


def _road_safety(root: Path, area: Area) -> OpenData | None:
    collisions, casualties = find_national_files(root)
    if not collisions and not casualties:
        return None
    national = read_road_casualties(collisions, casualties, district=area.figures_code)
    return open_road_casualties(national, [*collisions, *casualties])


def _fingertips(root: Path, area: Area) -> OpenData | None:
    files = find_fingertips(root / FOLDER / "fingertips")
    return read_fingertips(files, district=area.figures_code) if files else None


def _exclusions(root: Path, area: Area) -> OpenData | None:
    files = find_exclusions(root / FOLDER / "exclusions")
    return read_exclusions(files, district=area.figures_code) if files else None


def _fly_tipping(root: Path, area: Area) -> OpenData | None:
    files = find_fly_tipping(root / FOLDER / "fly_tipping")
    return read_fly_tipping(files, district=area.figures_code) if files else None


def _fires(root: Path, area: Area) -> OpenData | None:
    folder = root / FOLDER / "fires"
    files = find_fires(folder)
    return read_fires(files, authority=fire_authority(area.district_code, folder)) if files else None


READERS: Final[dict[str, Reader]] = {
    "road_safety": _road_safety,
    "fingertips": _fingertips,
    "exclusions": _exclusions,
    "fly_tipping": _fly_tipping,
    "fires": _fires,
}
