"""What is stored of an edition: written by one process at a time, and verified by checksum before it is used."""

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from filelock import FileLock

from hcsp_assess.edition.counts import SOURCE_FILE, read_counts
from hcsp_assess.edition.derived import read_derived
from hcsp_assess.edition.outcomes import FILES as OUTCOME_FILES
from hcsp_assess.edition.stops import FILES as STOP_FILES
from hcsp_assess.errors import InputError

logger = logging.getLogger(__name__)
LOCK: Final = ".writing.lock"


@contextmanager
def one_writer(folder: Path) -> Iterator[None]:
    """Let one process at a time write an edition's folder in `data/processed`; others wait for it.

    The lock is beside the folder and ends with its process, however that ends. Do not take it twice in one process.

    Raises
    ------
    OSError
        If the folder cannot be written.
    """
    folder.mkdir(parents=True, exist_ok=True)
    with FileLock(folder.with_name(folder.name + LOCK)):
        yield


def is_stored(folder: Path) -> bool:
    """Whether an edition's counts are stored, and they, its outcomes and its searches are as they were written.

    Files that do not belong together may only mean that another process is writing at this moment: then they are looked
    at once more when it has finished. Damaged ones are logged.
    """
    if not (folder / SOURCE_FILE).is_file():
        return False
    if not _damage(folder):
        return True
    with one_writer(folder):
        damage = _damage(folder)
    if damage:
        logger.warning("%s. They are made again from the files received", damage)
    return not damage


def _damage(folder: Path) -> str:
    """What is wrong with the files, or ""."""
    try:
        read_counts(folder)
        for files in (OUTCOME_FILES, STOP_FILES):
            read_derived(files, folder)
    except InputError as error:
        return str(error)
    return ""
