"""A long table in a closed panel that can be searched by typing, without a network; without a script, it is a table."""

from dataclasses import dataclass

from hcsp_assess.report.tables import Table, escape

SCRIPT = """
(function () {
  var box = document.getElementById("KEY-search"), said = document.getElementById("KEY-found");
  var rows = document.querySelectorAll("#KEY tbody tr");
  box.parentNode.hidden = false;
  box.addEventListener("input", function () {
    var asked = box.value.trim().toLowerCase(), shown = 0;
    rows.forEach(function (row) {
      row.hidden = (" " + row.cells[0].textContent.toLowerCase()).indexOf(" " + asked) < 0;
      shown += row.hidden ? 0 : 1;
    });
    said.textContent = asked ? shown + " of " + rows.length + " shown" : "";
  });
})();
"""


@dataclass(frozen=True)
class Finder:
    """A table of many rows, with a box to search its first column for words that begin as typed.

    Attributes
    ----------
    table : Table
        Its key must be a plain name: letters, digits, hyphens.
    title : str
        The line that opens the panel.
    label : str
        Of the box: "Ward or town".
    """

    table: Table
    title: str
    label: str

    def _repr_html_(self) -> str:
        key = escape(self.table.key)
        return (
            f"<details><summary>{escape(self.title)}</summary>"
            f'<p hidden><label for="{key}-search">{escape(self.label)}</label> '
            f'<input type="search" id="{key}-search" autocomplete="off" aria-controls="{key}" '
            'style="font: inherit; padding: .35rem; max-width: 100%"> '
            f'<span id="{key}-found" role="status"></span></p>'
            f"{self.table._repr_html_()}<script>{SCRIPT.replace('KEY', key)}</script></details>"
        )
