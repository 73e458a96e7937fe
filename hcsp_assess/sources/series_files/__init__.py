"""Read series of counts from ordinary spreadsheets: CSV, xlsx or ods, long or wide, months or quarters."""

from hcsp_assess.sources.series_files.reading import SeriesFile, read_series

__all__ = ["SeriesFile", "read_series"]
