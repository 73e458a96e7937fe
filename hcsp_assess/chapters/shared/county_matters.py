"""What a partnership brings to the attention of its county's strategy group, in the chapter that shows it."""

from hcsp_assess.assessment.county_matters import chapter_of_matters, parse_matters
from hcsp_assess.assessment.wording.county import describe_matter
from hcsp_assess.chapters.shared.folded import Titled
from hcsp_assess.edition.findings import EditionFindings

TITLE = "For the county strategy group"


def show_matters(known: EditionFindings, chapter: str) -> Titled:
    """Show the edition's matters for the county in the chapter that has them; nothing in another, or without any.

    Raises
    ------
    InputError
        If a matter names a finding that the edition does not have.
    """
    if chapter != chapter_of_matters(known.opened.edition.chapters):
        return Titled(TITLE, ())
    said = {item.key: item.sentence for item in known.everything}
    matters = parse_matters(known.texts, said)
    return Titled(TITLE, tuple(describe_matter(item, [said[key] for key in item.findings]) for item in matters))
