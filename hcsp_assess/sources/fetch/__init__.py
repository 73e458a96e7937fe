"""Download published data into `data/raw`, with resumable downloads that never overwrite a good file."""

from hcsp_assess.sources.fetch.addresses import Address, addresses
from hcsp_assess.sources.fetch.archives import fetch_archive, fetch_custom
from hcsp_assess.sources.fetch.keeping import FetchedFile, read_log
from hcsp_assess.sources.fetch.ons import BY_HAND, fetch_geography
from hcsp_assess.sources.fetch.open_data import (
    fetch_exclusions,
    fetch_fingertips,
    fetch_road_safety,
    fetch_tables,
)
from hcsp_assess.sources.fetch.recorded_crime import fetch_recorded_crime
from hcsp_assess.sources.fetch.street_api import fetch_month
from hcsp_assess.sources.fetch.transfer import Clock, FetchError

__all__ = [
    "BY_HAND",
    "Address",
    "Clock",
    "FetchError",
    "FetchedFile",
    "addresses",
    "fetch_archive",
    "fetch_custom",
    "fetch_exclusions",
    "fetch_fingertips",
    "fetch_geography",
    "fetch_month",
    "fetch_recorded_crime",
    "fetch_road_safety",
    "fetch_tables",
    "read_log",
]
