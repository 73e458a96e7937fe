"""Tables that sort when a heading is clicked, by the DataTables library that itables brings; no network is used."""

from dataclasses import dataclass
from functools import cache

from hcsp_assess.report.tables import Table

#: Every table within `.hcsp-sortable` becomes sortable, also one that a widget shows later. Figures sort by size,
#: months by time, and what is hidden or missing is below every figure.
SCRIPT = """<script type="module">
const start = async () => {
  const { default: DataTable } = await window.%(library)s;
  const size = text => {
    const found = text.replace(/,/g, "").replace("\\u2212", "-").match(/[+-]?\\d+(\\.\\d+)?/);
    return found ? Number(found[0]) - (text.includes("<") || text.includes("under") ? 0.5 : 0) : -Infinity;
  };
  const when = text => {
    const found = text.match(/^([A-Z][a-z]+)(?: to [A-Z][a-z]+)? (\\d{4})$/);
    return found ? Date.parse(`1 ${found[1]} ${found[2]}`) : NaN;
  };
  const sort = () => document.querySelectorAll(".hcsp-sortable table:not(.dataTable)").forEach(table => {
    const heads = [...table.tHead.rows[0].cells];
    const figures = heads.flatMap((cell, at) => cell.matches(".number, .figure") ? [at] : []);
    const dates = [...(table.tBodies[0].rows[0] || { cells: [] }).cells]
      .flatMap((cell, at) => isNaN(when(cell.textContent)) ? [] : [at]);
    const by = value => (text, type) => type === "sort" || type === "type" ? value(text) : text;
    new DataTable(table, {
      paging: false, searching: false, info: false, autoWidth: false, order: [],
      columnDefs: [
        { targets: figures, render: by(size), type: "num" },
        { targets: dates, render: by(when), type: "num" },
      ],
    });
  });
  sort();
  if (window.hcspTables) return;
  window.hcspTables = new MutationObserver(sort);
  window.hcspTables.observe(document.body, { childList: true, subtree: true });
};
window.%(library)s ? start() : window.addEventListener("%(ready)s", start, { once: true });
</script>"""


@dataclass(frozen=True, repr=False)
class SortableTable:
    """A table of the report that sorts by any column in JupyterLab, with the mouse or with Tab and Enter."""

    table: Table

    def _repr_html_(self) -> str:
        return f"{script()}{wrapped(self.table._repr_html_())}"


def wrapped(html: str) -> str:
    """HTML whose tables sort, on a page that has `script`."""
    return f'<div class="hcsp-sortable">{html}</div>'


def sortable(table: Table) -> SortableTable:
    """Return a table that sorts when a heading is clicked.

    Parameters
    ----------
    table : Table
        As every function of a chapter whose name begins with `table_` returns it.
    """
    return SortableTable(table)


@cache
def script() -> str:
    """DataTables with its style sheet, and what makes tables sortable, for one output of a notebook."""
    from itables import options
    from itables.javascript import generate_init_offline_itables_html
    from itables.version import __version__ as version

    library = generate_init_offline_itables_html(options.dt_bundle).split("<div")[0]  # without a note on trust
    return library + SCRIPT % {"library": f"_itables_{version.replace('.', '_')}", "ready": f"itables-{version}-ready"}
