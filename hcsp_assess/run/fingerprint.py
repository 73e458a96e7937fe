"""One checksum of everything a report depends on: the same checksum means the same numbers."""

import hashlib
import json
import os
from collections.abc import Collection, Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

from hcsp_assess.edition.software import software_fingerprint
from hcsp_assess.files import printable, sha256_of
from hcsp_assess.project import Project
from hcsp_assess.sources.example_counts import counts_folder
from hcsp_assess.sources.findings_file import FINDINGS, RECORD
from hcsp_assess.subject.areas import own_areas
from hcsp_assess.subject.editions import Edition, editions

#: Folders of a project, beside `data/raw`, from which a run reads.
INPUT_FOLDERS = ("areas", "editions", "geography", "returns")
#: Those of them where each file or folder is named after an area.
BY_AREA = ("areas", "geography")
LEFT_OUT = {".gitkeep", "README.md", "fetched.jsonl"}


def input_files(chosen: Edition, project: Project) -> list[tuple[str, str]]:
    """Every file that an edition's run may read, from the project's root, with its checksum, in order.

    That is all of `data/raw` (whatever an edition does not read does no harm here: a run too many, never one too few),
    definitions in the project's own folders, and the edition's notebooks. Archives that this software simulates are
    left out: they follow from its version. Hidden files, the log of downloads and README.md are not
    data. A county's edition rests on what its partnerships' editions published. An edition for an area, as
    "2025@shropshire", does without what belongs to the project's other areas alone.

    Raises
    ------
    UsageError, InputError
        If there is no such edition, or its definition cannot be read.
    """
    return [(name, sha256_of(path)) for name, path in input_paths(chosen, project).items()]


def input_paths(chosen: Edition, project: Project) -> dict[str, Path]:
    """Return where each of `input_files` is, by its name, in order; raises as that."""
    simulated = [
        project.root / source.folder
        for each in editions(project.root).values()
        for source in each.sources
        if source.simulated and source.folder
    ]
    folders = [project.raw, *(project.root / name for name in INPUT_FOLDERS)]
    files = [path for folder in folders for path in _files_below(folder, _other_areas(chosen, project))]
    kept = [path for path in files if _is_data(path, project) and not any(path.is_relative_to(s) for s in simulated)]
    kept += [path for path in [project.root / "addresses.toml"] if path.is_file()]
    editions_of_county = [project.reports / item.edition for item in chosen.districts if item.edition]
    kept += [folder / name for folder in editions_of_county for name in (FINDINGS, RECORD)]
    named = {printable(path.relative_to(project.root)): path for path in kept}
    for name in chosen.chapters:
        named[f"notebooks/{name}.ipynb"] = project.notebook(name)
    named |= _bundled_counts(chosen, project)
    return {name: path for name, path in sorted(named.items()) if path.is_file()}


def _bundled_counts(chosen: Edition, project: Project) -> dict[str, Path]:
    """Files of counts that come with the package, which the edition uses where the project has none of its own."""
    folders = {source.counts: counts_folder(source.counts, project.root) for source in chosen.sources if source.counts}
    theirs = {name: folder for name, folder in folders.items() if folder != project.root / name}
    return {f"{name}/{file.name}": file for name, folder in theirs.items() for file in folder.iterdir()}


def inputs_fingerprint(
    chosen: Edition,
    project: Project,
    parameters: Mapping[str, Any] | None = None,
    files: Iterable[tuple[str, str]] | None = None,
) -> str:
    """Return one checksum over an edition's inputs, definition, parameters and the software.

    The software is this package's own files (so that a change that is not committed counts), Python and the packages
    that decide numbers. Modification times play no part: copying changes them.

    Parameters
    ----------
    parameters : mapping, optional
        Parameters of the run.
    files : iterable of (str, str), optional
        What `input_files` returned, where it is known.

    Raises
    ------
    UsageError, InputError
        As `input_files`.
    """
    parts = {
        "edition": repr(chosen),
        "files": list(input_files(chosen, project) if files is None else files),
        "parameters": {name: repr(value) for name, value in sorted((parameters or {}).items())},
        "software": software_fingerprint(),
    }
    return hashlib.sha256(json.dumps(parts, sort_keys=True).encode()).hexdigest()


def chapter_inputs(files: Iterable[tuple[str, str]]) -> str:
    """Return one checksum over what every chapter may read: input files other than notebooks, and the software."""
    read = [list(pair) for pair in files if not pair[0].startswith("notebooks/")]
    return hashlib.sha256(json.dumps([read, software_fingerprint()]).encode()).hexdigest()


def _other_areas(chosen: Edition, project: Project) -> frozenset[str]:
    """Keys of the project's areas that an edition for an area has nothing to do with; none for any other edition."""
    return frozenset(own_areas(project.root)) - {chosen.area} if "@" in chosen.key else frozenset()


def _files_below(folder: Path, others: Collection[str]) -> Iterator[Path]:
    """Files of a folder and below, without those of other areas: named after one, or `NAME@AREA`."""
    for place, folders, files in os.walk(folder):
        folders[:] = [name for name in folders if not _is_of(name, others, Path(place))]
        for name in files:
            if not _is_of(name, others, Path(place)):
                yield Path(place, name)


def _is_of(name: str, areas: Collection[str], place: Path) -> bool:
    key = name.removesuffix(".toml").removesuffix(".csv")
    return key.rpartition("@")[2] in areas if "@" in key else place.name in BY_AREA and key in areas


def _is_data(path: Path, project: Project) -> bool:
    hidden = any(part.startswith(".") for part in path.relative_to(project.root).parts)
    return not hidden and path.name not in LEFT_OUT
