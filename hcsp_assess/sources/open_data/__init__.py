"""Open data on partners' subjects: one module per supplier, one common form, every row accounted for."""

from hcsp_assess.sources.open_data.definitions import Measure, Supplier, suppliers
from hcsp_assess.sources.open_data.frame import Account, OpenData

__all__ = ["Account", "Measure", "OpenData", "Supplier", "suppliers"]
