"""The last thing a themed chapter shows: what it means for the partnership."""

from hcsp_assess.assessment.so_what import parse_so_what, parse_summaries, what_works
from hcsp_assess.edition.findings import EditionFindings
from hcsp_assess.edition.opened import OpenEdition
from hcsp_assess.errors import InputError
from hcsp_assess.report.so_what_panel import SoWhatPanel
from hcsp_assess.sources.text_kinds import THEMES


def show_so_what(known: EditionFindings | OpenEdition, theme: str) -> SoWhatPanel:
    """Show what a theme means: the reviewed text with action, lead and date, and what is known to work.

    Parameters
    ----------
    known : EditionFindings or OpenEdition
        The edition, with or without its findings.
    theme : str
        Name of the chapter, one of `THEMES`.

    Returns
    -------
    SoWhatPanel
        Where no text has been written, a prompt that only the restricted edition shows.

    Raises
    ------
    InputError
        If there is no such theme, or the edition's `so_what.toml` cannot be used.
    """
    if theme not in THEMES:
        raise InputError(f"no theme {theme!r}; there are {', '.join(THEMES)}")
    opened = known.opened if isinstance(known, EditionFindings) else known
    said = parse_so_what(opened.texts).get(theme)
    works = [what_works()[key] for key in said.works] if said is not None else []
    confirmed = [item for item in works if item.known == "confirmed"]
    return SoWhatPanel(said, confirmed, parse_summaries(opened.texts).get(theme))
