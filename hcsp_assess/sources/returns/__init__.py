"""Partners' returns: read by reviewed definitions, refused if they hold personal data, every row accounted for."""

from hcsp_assess.sources.returns.definitions import ReturnDefinition, return_definition, return_names
from hcsp_assess.sources.returns.geography import check_lsoa_map, counts_by_lsoa
from hcsp_assess.sources.returns.personal import PersonalDataError
from hcsp_assess.sources.returns.personal_review import Review, record_review
from hcsp_assess.sources.returns.reading import ReturnAccount, ReturnResult, personal_places, read_return
from hcsp_assess.sources.returns.templates import dictionary_page, write_template

__all__ = [
    "PersonalDataError",
    "ReturnAccount",
    "ReturnDefinition",
    "ReturnResult",
    "Review",
    "check_lsoa_map",
    "counts_by_lsoa",
    "dictionary_page",
    "personal_places",
    "read_return",
    "record_review",
    "return_definition",
    "return_names",
    "write_template",
]
