"""Partners' returns: read by reviewed definitions, refused if they hold personal data, every row accounted for."""

from hcsp_assess.sources.returns.definitions import ReturnDefinition, return_definition, return_names
from hcsp_assess.sources.returns.geography import check_lsoa_map, counts_by_lsoa
from hcsp_assess.sources.returns.personal import PersonalDataError
from hcsp_assess.sources.returns.reading import ReturnAccount, ReturnResult, read_return
from hcsp_assess.sources.returns.templates import dictionary_page, write_template

__all__ = [
    "PersonalDataError",
    "ReturnAccount",
    "ReturnDefinition",
    "ReturnResult",
    "check_lsoa_map",
    "counts_by_lsoa",
    "dictionary_page",
    "read_return",
    "return_definition",
    "return_names",
    "write_template",
]
