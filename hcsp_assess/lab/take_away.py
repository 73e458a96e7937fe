"""Buttons below a chart or table: the picture as PNG or SVG, the figures and the code for pasting elsewhere.

They work without a network. ipywidgets has no clipboard: each button has its few words of JavaScript with it. Where the
browser has no clipboard for a page (any address but this computer's, without https), the older command copies.
"""

import base64
from typing import Any

from hcsp_assess.files import inert_text
from hcsp_assess.lab.area_map import AreaMap
from hcsp_assess.report.charts import Chart
from hcsp_assess.report.raster import size_in_points
from hcsp_assess.report.svg_file import standalone
from hcsp_assess.report.tables import Table, escape, format_value

COPY = (
    "const text=this.dataset.copy,said=this.parentNode.querySelector('[role=status]'),"
    "done=()=>{said.textContent=this.dataset.done},"
    "old=()=>{const box=document.createElement('textarea');box.value=text;document.body.append(box);box.select();"
    "document.execCommand('copy')?done():said.textContent='The browser does not allow copying';box.remove()};"
    "navigator.clipboard?navigator.clipboard.writeText(text).then(done,old):old()"
)
#: The picture of the link beside it, at twice its size on white, saved by the browser.
AS_PNG = (
    "const from=this.parentNode.querySelector('a[download]'),drawn=new Image(),"
    "wide=Number(this.dataset.wide),high=Number(this.dataset.high);"
    "drawn.onload=()=>{const canvas=document.createElement('canvas');canvas.width=2*wide;canvas.height=2*high;"
    "canvas.getContext('2d').drawImage(drawn,0,0,2*wide,2*high);const link=document.createElement('a');"
    "link.download=from.download.replace('.svg','.png');link.href=canvas.toDataURL('image/png');link.click()};"
    "drawn.src=from.href"
)
CLASS = "jupyter-button widget-button hcsp-button"


def buttons(shown: Any, code: str = "") -> str:
    """Return the buttons for what a part shows, as HTML; those that it has no use for are left out.

    Parameters
    ----------
    shown : Chart, Table, AreaMap or anything else
        A chart has its picture and its table; a table has its figures; other results have the code alone.
    code : str
        What the button "Copy code" copies; "" for no button.
    """
    chart, table = _chart_of(shown), _table_of(shown)
    made = []
    if chart is not None:
        drawing = standalone(chart)
        made += [_as_png(drawing), _as_svg(f"{chart.key}.svg", drawing)]
    if table is not None:
        made.append(_copy("Copy table", as_tsv(table), "Table copied"))
    if code:
        made.append(_copy("Copy code", code, "Code copied"))
    return f'<div class="hcsp-buttons">{"".join(made)}<span role="status"></span></div>' if made else ""


def as_tsv(table: Table) -> str:
    """A table as text with tabs, as spreadsheet programs paste it: plain numbers, and no text that runs as a formula.

    Examples
    --------
    >>> import pandas as pd
    >>> as_tsv(Table(pd.DataFrame({"Place": ["=A1"], "Records": [1234], "Rate": [None]}), "Records", "records"))
    "Place\\tRecords\\tRate\\n'=A1\\t1234\\tno data\\n"
    """
    lines = [[str(inert_text(str(column))) for column in table.frame]]
    lines += [[_cell(value) for value in row] for row in table.frame.itertuples(index=False, name=None)]
    return "".join("\t".join(cell.replace("\t", " ").replace("\n", " ") for cell in line) + "\n" for line in lines)


def _cell(value: object) -> str:
    said = format_value(value)
    if isinstance(value, str):
        return str(inert_text(value))
    return said.replace(",", "").replace("−", "-")


def _chart_of(shown: Any) -> Chart | None:
    found = getattr(shown, "chart", shown)
    if isinstance(found, AreaMap):
        return Chart(
            key="areas", title=found.heading, subtitle="", source=found.credit.removeprefix("Source: "),
            simulated=found.simulated, alt=found.heading, wide=found.drawing, narrow=found.drawing, table=found.table,
        )  # fmt: skip
    return found if isinstance(found, Chart) else None


def _table_of(shown: Any) -> Table | None:
    found = getattr(_chart_of(shown) or shown, "table", shown)
    return found if isinstance(found, Table) else None


def _as_svg(name: str, drawing: str) -> str:
    data = base64.b64encode(drawing.encode("utf-8")).decode("ascii")
    link = f'class="{CLASS}" download="{escape(name)}" href="data:image/svg+xml;base64,{data}"'
    return f'<a {link} aria-label="Save as SVG">SVG</a>'


def _as_png(drawing: str) -> str:
    wide, high = size_in_points(drawing)
    size = f'data-wide="{wide}" data-high="{high}"'
    return f'<button type="button" class="{CLASS}" {size} onclick="{AS_PNG}" aria-label="Save as PNG">PNG</button>'


def _copy(text: str, content: str, done: str) -> str:
    lines = escape(content).replace("\n", "&#10;").replace("\t", "&#9;")
    return (
        f'<button type="button" class="{CLASS}" data-copy="{lines}" data-done="{done}" onclick="{COPY}">{text}</button>'
    )
