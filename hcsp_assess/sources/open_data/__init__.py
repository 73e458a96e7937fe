"""Open data for what partners know: one module for each supplier, one common form, an account of every row."""

from hcsp_assess.sources.open_data.definitions import Measure, Supplier, suppliers
from hcsp_assess.sources.open_data.frame import Account, OpenData

__all__ = ["Account", "Measure", "OpenData", "Supplier", "suppliers"]
