"""Street-level police data from data.police.uk: find, read, clean and account for every row."""

from hcsp_assess.sources.police_uk.accounts import FileAccount, accounts_frame
from hcsp_assess.sources.police_uk.archive import (
    ArchiveAccount,
    clean_archive,
    read_account,
    scan_records,
)
from hcsp_assess.sources.police_uk.cleaning import CleanedStreet, clean_street
from hcsp_assess.sources.police_uk.files import StreetFile
from hcsp_assess.sources.police_uk.finding import find_street_files
from hcsp_assess.sources.police_uk.reading import read_api_json, read_street

__all__ = [
    "ArchiveAccount",
    "CleanedStreet",
    "FileAccount",
    "StreetFile",
    "accounts_frame",
    "clean_archive",
    "clean_street",
    "find_street_files",
    "read_account",
    "read_api_json",
    "read_street",
    "scan_records",
]
