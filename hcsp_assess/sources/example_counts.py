"""Counts that come with the package, for the example from open data: where they are for a project."""

from pathlib import Path

from hcsp_assess.project import bundled

#: In a checkout this folder has others beside it, which are one project's own: they are no other project's.
EXAMPLE = "data/raw/herefordshire_2025"


def counts_folder(named: str, root: Path) -> Path:
    """Return the folder of counts that an edition names: the project's own if it is there, else the package's.

    Parameters
    ----------
    named : str
        Its path from the root of the project, as the definition of the edition has it.
    root : Path
        Root of the project.
    """
    own = root / named
    return bundled(named) if named == EXAMPLE and not own.exists() else own
