"""A link that downloads a file made here: it needs no server and no other host."""

import base64

from hcsp_assess.report.tables import escape

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def download_link(name: str, content: bytes, words: str, kind: str = XLSX) -> str:
    """Return a link in HTML that saves a file of this name.

    Examples
    --------
    >>> download_link("a.csv", b"1", "A table", "text/csv")
    '<a download="a.csv" href="data:text/csv;base64,MQ==">A table</a>'
    """
    data = base64.b64encode(content).decode()
    return f'<a download="{escape(name)}" href="data:{kind};base64,{data}">{escape(words)}</a>'
