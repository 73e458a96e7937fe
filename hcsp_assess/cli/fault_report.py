"""Report an error of the software itself: a short message, and a log that holds the technical details."""

import contextlib
import platform
import sys
import tempfile
import traceback
from datetime import UTC, datetime
from itertools import pairwise
from pathlib import Path
from typing import Final

from hcsp_assess import __version__
from hcsp_assess.errors import UsageError
from hcsp_assess.files import write_whole
from hcsp_assess.project import find_project

#: Folder of the logs in `data/processed`; without a project they are in the system's folder for temporary files.
ERRORS: Final = "errors"
#: How the report of an error of the software begins.
BEGINS: Final = "an error in the software itself"


def report_fault(error: BaseException) -> str:
    """Write the technical details of an error to a log, and return what to print.

    What is printed names the kind of error and where the log is. It never quotes the error's own message, which may
    hold a value of somebody's file.
    """
    kind = type(error).__name__
    log = _write_log(error)
    if log is None:
        place = traceback.extract_tb(error.__traceback__)[-1:]
        where = "".join(f", in {Path(frame.filename).name} line {frame.lineno}" for frame in place)
        return f"{BEGINS} ({kind}{where}); its log could not be written. {_AFTER}"
    return (
        f"{BEGINS} ({kind}). {_AFTER} The technical details are in {log}: please send that file to the maintainer, "
        "but read it first, as it may quote your data"
    )


_AFTER = "Nothing was published; the last report is as it was."


def _write_log(error: BaseException) -> Path | None:
    """The log of an error, in the first folder that can be written; None if there is none."""
    details = "".join(traceback.format_exception(error))
    system = f"hcsp-assess {__version__}, Python {sys.version.split()[0]}, {platform.platform()}"
    text = f"{datetime.now(UTC):%Y-%m-%d %H:%M:%S} UTC\n{system}\narguments: {sys.argv[1:]!r}\n\n{details}"
    name = f"{datetime.now(UTC):%Y%m%dT%H%M%S%fZ}-{type(error).__name__}.log"
    for folder in _folders():
        with contextlib.suppress(OSError):
            write_whole(folder / name, text.encode("utf-8", errors="backslashreplace"), mode=0o600)
            return folder / name
    return None


def _folders() -> list[Path]:
    temporary = Path(tempfile.gettempdir())
    with contextlib.suppress(UsageError, OSError, ValueError):
        return [find_project(_named_project()).processed / ERRORS, temporary]
    return [temporary]


def _named_project() -> str | None:
    """The folder given with --project, if any."""
    given = sys.argv[1:]
    named = [value for option, value in pairwise(given) if option == "--project"]
    return next(iter(named + [each.partition("=")[2] for each in given if each.startswith("--project=")]), None)
