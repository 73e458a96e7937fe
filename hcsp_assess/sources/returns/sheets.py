"""Read a spreadsheet as plain values with cell addresses: CSV, xlsx and ods, recognised by content."""

import io
import zipfile
from pathlib import Path
from typing import Final

from hcsp_assess.errors import InputError
from hcsp_assess.sources.csv_text import decode, rows_of
from hcsp_assess.sources.returns.grid import UNSAVED, Sheet, Value, address, as_percentage
from hcsp_assess.sources.returns.ods import read_ods
from hcsp_assess.sources.returns.xlsx import is_xlsx, read_xlsx

__all__ = ["SUFFIXES", "UNSAVED", "Sheet", "Value", "address", "as_percentage", "read_sheets"]

SUFFIXES: Final = (".csv", ".xlsx", ".ods")
LARGEST_UNZIPPED: Final = 500_000_000  # bytes; a real return unpacks to a hundredth of it


def read_sheets(path: Path, content: bytes) -> tuple[Sheet, ...]:
    """Read every sheet of a file, hidden ones too.

    Parameters
    ----------
    path : Path
        The file, for messages.
    content : bytes
        What is in it. It decides how the file is read, not the suffix: an "xlsx" that is really a CSV is read as one.

    Raises
    ------
    InputError
        If it is none of CSV, xlsx and ods, is protected by a password, is damaged, or is too large for a return.
    """
    if content.startswith(b"\xd0\xcf\x11\xe0"):
        raise InputError(
            f"{path.name} is an old Excel file (.xls) or has a password: save it as .xlsx without a password"
        )
    if content.startswith(b"PK"):
        return _read_zipped(path, content)
    if content.startswith((b"%PDF", b"\x89PNG", b"\xff\xd8\xff")) or b"<html" in content[:2000].lower():
        raise InputError(f"{path.name} is not a spreadsheet: ask for CSV, xlsx or ods")
    if content.startswith(b"\x1f\x8b"):
        raise InputError(f"{path.name} is compressed (gzip): unpack it first")
    return (_read_csv(path, content),)


def _read_zipped(path: Path, content: bytes) -> tuple[Sheet, ...]:
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            names = archive.namelist()
            if sum(item.file_size for item in archive.infolist()) > LARGEST_UNZIPPED:
                raise InputError(f"unpacks to more than {LARGEST_UNZIPPED // 1_000_000} MB, too large for a return")
            if is_xlsx(names):
                return read_xlsx(archive)
            if "content.xml" in names and b"opendocument.spreadsheet" in archive.read("mimetype"):
                return read_ods(archive)
    except InputError as error:
        raise InputError(f"{path.name}{' ' if str(error).startswith('unpacks') else ': '}{error}") from error
    except Exception as error:  # damaged files make zipfile and expat raise almost anything
        raise InputError(
            f"{path.name} is damaged ({type(error).__name__}): open it in Excel or LibreOffice and save it again"
        ) from error
    if "xl/workbook.bin" in names:
        raise InputError(f"{path.name} is a binary Excel file (.xlsb): save it as .xlsx")
    raise InputError(f"{path.name} cannot be read as a spreadsheet: save it as CSV, xlsx or ods")


def _read_csv(path: Path, content: bytes) -> Sheet:
    rows, separator, remarks = rows_of(path.name, decode(content))
    return Sheet("", [[cell or None for cell in row] for row in rows], separator=separator, remarks=remarks)
