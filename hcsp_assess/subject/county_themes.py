"""Subjects under which the partnerships of a county name what they have in common."""

import tomllib
from functools import cache
from importlib import resources

from hcsp_assess.errors import InputError, did_you_mean

#: For a subject that the list does not have: it is shown, and never counted as common.
OTHER = "other"


@cache
def county_themes() -> dict[str, str]:
    """Return the name for readers of each subject by its key, from definitions/county_themes.toml.

    Examples
    --------
    >>> county_themes()["night_time_economy"]
    'the night-time economy'
    """
    path = resources.files("hcsp_assess") / "definitions" / "county_themes.toml"
    return {entry["key"]: entry["name"] for entry in tomllib.loads(path.read_text(encoding="utf-8"))["theme"]}


def check_theme(where: str, theme: str) -> None:
    """Refuse a subject that is not in the list, with the nearest.

    Raises
    ------
    InputError
        The message names `where`, the subjects that there are, and the nearest.

    Examples
    --------
    >>> check_theme("county_matters.toml, matter 1", "shoplifing")
    Traceback (most recent call last):
        ...
    hcsp_assess.errors.InputError: county_matters.toml, matter 1 has the theme 'shoplifing', which \
definitions/county_themes.toml does not have. Did you mean shoplifting?
    """
    known = county_themes()
    if theme not in known:
        near = did_you_mean(theme, known) or f" Choose one of {', '.join(known)}."
        raise InputError(f"{where} has the theme {theme!r}, which definitions/county_themes.toml does not have.{near}")
