"""Warnings about the anonymised points and dates of data.police.uk, shared by refusals and reports."""

SNAPPED = (
    "data.police.uk moves each record to the nearest of a fixed list of map points, in the countryside up to some "
    "kilometres away, so that the pattern would be that of the list"
)
MONTH_ONLY = "these records are dated by month only, as data.police.uk publishes them"
