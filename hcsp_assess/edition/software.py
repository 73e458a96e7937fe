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
    """Return one checksum over this package's files, Python, and the packages that decide numbers."""
    package = Path(str(resources.files("hcsp_assess")))
    own = sorted(path for path in package.rglob("*") if path.is_file() and "__pycache__" not in path.parts)
    digest = hashlib.sha256(platform.python_version().encode())
    for name in PACKAGES:
        digest.update(f"{name} {version(name)}\n".encode())
    for path in own:
        digest.update(f"{path.relative_to(package).as_posix()} {sha256_of(path)}\n".encode())
    return digest.hexdigest()
