"""Subject areas: measures of partners and open data that are tested together."""

import tomllib
from functools import cache
from importlib import resources

from hcsp_assess.errors import InputError


@cache
def subject_areas() -> dict[str, str]:
    """Return the name for readers of each subject area by its key, from definitions/subject_areas.toml.

    Examples
    --------
    >>> subject_areas()["road_safety"]
    'road safety'
    """
    path = resources.files("hcsp_assess") / "definitions" / "subject_areas.toml"
    return {entry["key"]: entry["name"] for entry in tomllib.loads(path.read_text(encoding="utf-8"))["subject"]}


def check_subject(subject: str, file: str, measure: str) -> None:
    """Refuse a subject area that is not defined, with the file and the measure that names it.

    Raises
    ------
    InputError
        The key is not in definitions/subject_areas.toml.

    Examples
    --------
    >>> check_subject("roads", "partner_series.toml", "road_ksi")
    Traceback (most recent call last):
        ...
    hcsp_assess.errors.InputError: partner_series.toml, road_ksi: there is no subject area 'roads': use one from \
subject_areas.toml
    """
    if subject not in subject_areas():
        raise InputError(f"{file}, {measure}: there is no subject area {subject!r}: use one from subject_areas.toml")
