"""One checksum of the software behind a result: this package, Python and numerical packages."""

import hashlib
import platform
from functools import cache
from importlib import resources
from importlib.metadata import version
from pathlib import Path

from hcsp_assess.files import sha256_of

#: Packages whose version can change a number or a drawing.
PACKAGES = ("numpy", "pandas", "polars", "scipy", "statsmodels", "matplotlib", "papermill", "nbconvert")


@cache  # a process goes on with the files that it began with
def software_fingerprint() -> str:
    """Return one checksum over this package's files, Python, and the packages that decide numbers.

    The same for a checkout and for what is installed from it: notebooks and counts that come with the package are
    inputs of a run, each by its own checksum.
    """
    package = Path(str(resources.files("hcsp_assess")))
    left_out = {"__pycache__", "bundled"}
    files = (path for path in package.rglob("*") if path.is_file())
    own = sorted(path for path in files if not left_out & set(path.relative_to(package).parts))
    digest = hashlib.sha256(platform.python_version().encode())
    for name in PACKAGES:
        digest.update(f"{name} {version(name)}\n".encode())
    for path in own:
        digest.update(f"{path.relative_to(package).as_posix()} {sha256_of(path)}\n".encode())
    return digest.hexdigest()
