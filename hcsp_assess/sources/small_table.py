"""Read a small CSV table that a project supplies, as text, with a plain error if it cannot be read."""

from pathlib import Path
from typing import Any

import pandas as pd

from hcsp_assess.errors import InputError
from hcsp_assess.files import LARGEST_FILE, too_large


def read_small_table(path: Path, **how: Any) -> pd.DataFrame:
    """Read a CSV file in UTF-8, every value as text.

    Parameters
    ----------
    path : Path
        The file; its name is what messages call it.
    **how
        Passed to `pandas.read_csv`.

    Raises
    ------
    InputError
        If the file is empty, too large, not in UTF-8 or not CSV; the message names it and says what to do.
    """
    save = "in Excel, save it as CSV UTF-8 (comma delimited)"
    try:
        if path.stat().st_size > LARGEST_FILE:
            raise too_large(path.name)
        table: pd.DataFrame = pd.read_csv(path, dtype="str", encoding="utf-8-sig", **how)
        return table
    except pd.errors.EmptyDataError as error:
        raise InputError(f"{path.name} is empty: put its heading and rows in it, or remove it") from error
    except UnicodeDecodeError as error:
        raise InputError(f"{path.name} is not text in UTF-8: {save}") from error
    except pd.errors.ParserError as error:
        raise InputError(f"{path.name} cannot be read as CSV ({' '.join(str(error).split())}): {save}") from error
    except OSError as error:
        raise InputError(f"{path.name} cannot be read: {error.strerror or error}") from error
