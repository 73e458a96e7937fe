"""Official recorded crime: what the Home Office and the ONS publish for every partnership in England and Wales."""

from hcsp_assess.sources.recorded_crime.groups import (
    TOTAL,
    Break,
    OffenceGroup,
    offence_group,
    offence_groups,
    parts_of,
)
from hcsp_assess.sources.recorded_crime.held import held_official_crime, official_files
from hcsp_assess.sources.recorded_crime.home_office import (
    HomeOfficeCrime,
    home_office_files,
    read_all_partnerships,
    read_home_office,
)
from hcsp_assess.sources.recorded_crime.official import OfficialCrime, official_crime
from hcsp_assess.sources.recorded_crime.ons_tables import PublishedTable, read_ons_table
from hcsp_assess.sources.recorded_crime.partnerships import (
    Partnership,
    former_districts,
    partnership_of,
    partnerships,
)
from hcsp_assess.sources.recorded_crime.years import differences, year_totals

__all__ = [
    "TOTAL",
    "Break",
    "HomeOfficeCrime",
    "OffenceGroup",
    "OfficialCrime",
    "Partnership",
    "PublishedTable",
    "differences",
    "former_districts",
    "held_official_crime",
    "home_office_files",
    "offence_group",
    "offence_groups",
    "official_crime",
    "official_files",
    "partnership_of",
    "partnerships",
    "parts_of",
    "read_all_partnerships",
    "read_home_office",
    "read_ons_table",
    "year_totals",
]
