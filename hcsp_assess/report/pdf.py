"""The report as PDF: printed from the published page by a browser of the Chromium family, where the machine has one."""

import os
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from hcsp_assess.errors import InputError

#: Names the browser to print with; "none" prints nothing.
VARIABLE = "HCSP_ASSESS_BROWSER"
NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome", "microsoft-edge", "msedge")
MAC = (
    "Google Chrome.app/Contents/MacOS/Google Chrome",
    "Microsoft Edge.app/Contents/MacOS/Microsoft Edge",
    "Chromium.app/Contents/MacOS/Chromium",
)
WINDOWS = (
    "Google/Chrome/Application/chrome.exe",
    "Microsoft/Edge/Application/msedge.exe",
    "Chromium/Application/chrome.exe",
)
WINDOWS_FOLDERS = ("PROGRAMFILES", "PROGRAMFILES(X86)", "LOCALAPPDATA")
#: No request to any host, nothing of the user's own profile, nothing printed by the browser itself.
FLAGS = (
    "--headless", "--disable-gpu", "--no-first-run", "--no-default-browser-check", "--disable-background-networking",
    "--disable-component-update", "--disable-default-apps", "--disable-extensions", "--disable-quic", "--disable-sync",
    "--host-resolver-rules=MAP * ~NOTFOUND", "--no-pdf-header-footer", "--generate-pdf-document-outline",
)  # fmt: skip
#: A page in a PDF, which is not the list of its pages.
PAGE = re.compile(rb"/Type\s*/Page\b(?!s)")
TIMEOUT = 180  # seconds
#: Links that would lead from the PDF to a file that does not lie beside it.
TO_FILES = re.compile(r'<a href="(?!#|https?:)[^"]*"[^>]*>(.*?)</a>', flags=re.DOTALL)


def find_browser() -> Path | None:
    """Find a browser that can print: named by HCSP_ASSESS_BROWSER, else the first of the Chromium family found.

    Returns
    -------
    Path or None
        None where there is none, or the variable says "none".

    Raises
    ------
    InputError
        If the variable names a program that is not there.
    """
    if not browser_wanted():
        return None
    if named := os.environ.get(VARIABLE, ""):
        found = shutil.which(named)
        if found is None:
            raise InputError(f'{VARIABLE} names {named}, which is not a program here: correct it, or set it to "none"')
        return Path(found)
    on_path = [found for found in map(shutil.which, NAMES) if found]
    if on_path:
        return Path(on_path[0])
    return next((path for path in _usual_places() if path.is_file()), None)


def browser_wanted() -> bool:
    """Whether a PDF is wanted: unless HCSP_ASSESS_BROWSER says "none"."""
    return os.environ.get(VARIABLE) != "none"


def print_pdf(page: str, browser: Path) -> bytes:
    """Print a page to PDF: A4, tagged for screen readers, with bookmarks.

    Parameters
    ----------
    page : str
        A self-contained HTML page. Links to files beside it become plain text.
    browser : Path
        As `find_browser` gives it.

    Raises
    ------
    InputError
        If the browser fails or takes longer than `TIMEOUT`; the message says what it said.
    """
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as name:
        folder = Path(name)
        source, target = folder / "report.html", folder / "report.pdf"
        source.write_text(TO_FILES.sub(r"\1", page), encoding="utf-8")
        command = [str(browser), *_flags(folder), f"--print-to-pdf={target}", source.as_uri()]
        try:
            done = subprocess.run(command, capture_output=True, timeout=TIMEOUT, check=False)  # noqa: S603
        except (OSError, subprocess.TimeoutExpired) as error:
            raise InputError(f"{browser} could not print the report: {error}. {_way_out()}") from error
        content = target.read_bytes() if target.is_file() else b""
        if not content.startswith(b"%PDF-"):
            said = done.stderr.decode("utf-8", errors="replace").strip()[-300:]
            raise InputError(
                f"{browser} could not print the report (exit code {done.returncode}): {said}. {_way_out()}"
            )
        return content


def count_pages(pdf: bytes) -> int:
    """Count the pages of a PDF that a browser printed.

    Examples
    --------
    >>> count_pages(b"<</Type /Pages /Count 1>> <</Type /Page /Parent 1 0 R>>")
    1
    """
    return len(PAGE.findall(pdf))


def _flags(folder: Path) -> list[str]:
    """Flags with a profile of its own; root, as in containers, cannot have the sandbox."""
    root = hasattr(os, "geteuid") and os.geteuid() == 0
    return [*FLAGS, f"--user-data-dir={folder / 'profile'}", *(["--no-sandbox"] if root else [])]


def _way_out() -> str:
    return f'Name another browser in {VARIABLE}, or set it to "none".'


def _usual_places() -> list[Path]:
    if sys.platform == "darwin":
        return [folder / name for folder in (Path("/Applications"), Path.home() / "Applications") for name in MAC]
    folders = [Path(os.environ[name]) for name in WINDOWS_FOLDERS if name in os.environ]
    return [folder / name for folder in folders for name in WINDOWS]
