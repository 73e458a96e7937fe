"""The explorer's part that compares: a second place, or a second period, beside the first."""

from collections.abc import Callable, Sequence

import ipywidgets as widgets  # type: ignore[import-untyped]

from hcsp_assess.errors import UsageError
from hcsp_assess.lab.compared import Compared
from hcsp_assess.lab.parts import control, failures_said, part_html, row, said

Period = tuple[str, str]
PLACE, PERIOD = "another place", "two periods"
MONTHS = {"first": "First period, from:", "last": "to:", "other_first": "Second period, from:", "other_last": "to:"}


class ComparePanel(widgets.VBox):  # type: ignore[misc]
    """Controls for a second place or two periods, and what the comparison says.

    Parameters
    ----------
    compare_periods : callable
        Compares two periods, each a first and a last month.
    compare_place : callable, optional
        Compares with the place of a key; without it only periods are offered.
    code : callable, optional
        Returns the code of what was called: its name and its arguments as Python writes them.

    Attributes
    ----------
    controls : dict of str to ipywidgets.Dropdown
        "what", "place", "first", "last", "other_first", "other_last".
    result, status : ipywidgets.HTML
        The comparison; or why it cannot be made.
    """

    def __init__(
        self,
        compare_periods: Callable[[Period, Period], Compared],
        compare_place: Callable[[str], Compared] | None = None,
        code: Callable[[str, str], str] | None = None,
    ) -> None:
        self._periods, self._place = compare_periods, compare_place
        self._code = code or (lambda name, given: "")
        kinds = [PERIOD] if compare_place is None else [PLACE, PERIOD]
        self.controls = {"what": control("Compare with:", options=kinds), "place": control("Place:")}
        self.controls |= {name: control(heading) for name, heading in MONTHS.items()}
        self.result, self.status = widgets.HTML(), widgets.HTML()
        self._waiting = True
        self._rows = {PLACE: row(self.controls["place"]), PERIOD: row(*(self.controls[name] for name in MONTHS))}
        for each in self.controls.values():
            each.observe(self._changed, names="value")
        super().__init__([])
        self._arrange()

    def offer(self, months: Sequence[str], held: Sequence[str], places: Sequence[tuple[str, str]] = ()) -> None:
        """Fill the lists: the last year of months is beside the earliest that is held; nothing is computed yet."""
        self._waiting = True
        year = 12 if "Q" not in months[0] else 4
        begins = months.index(held[0]) if held else 0
        values = {"first": max(len(months) - year, 0), "last": len(months) - 1}
        values |= {"other_first": begins, "other_last": min(begins + year, len(months)) - 1}
        for name, at in values.items():
            self.controls[name].options = list(months)
            self.controls[name].value = months[at]
        before = self.controls["place"].value
        self.controls["place"].options = list(places)
        if places:
            known = [key for _, key in places]
            self.controls["place"].value = before if before in known else known[0]
        self.result.value = self.status.value = ""
        self._waiting = False

    def show(self) -> None:
        """Compare as the controls say."""
        if self._waiting or self.result.value:
            return
        self.status.value = said("Computing the comparison …")
        with failures_said(self._refuse):
            self.result.value = self._compared()
            self.status.value = ""

    def _compared(self) -> str:
        if self.controls["what"].value == PLACE and self._place is not None:
            place = self.controls["place"].value
            if place is None:
                raise UsageError("there is no other place to compare with")
            return part_html(self._place(place), self._code("compare_with_place", f'"{place}"'))
        first, last, other_first, other_last = (self.controls[name].value for name in MONTHS)
        given = f'("{first}", "{last}"), ("{other_first}", "{other_last}")'
        return part_html(
            self._periods((first, last), (other_first, other_last)), self._code("compare_with_period", given)
        )

    def _changed(self, change: object) -> None:
        if not self._waiting:
            self._arrange()
            self.result.value = ""
            self.show()

    def _arrange(self) -> None:
        """Show the controls of the kind of comparison that is chosen."""
        kind = self.controls["what"].value
        self.children = [row(self.controls["what"]), self._rows[kind], self.status, self.result]

    def _refuse(self, line: str) -> None:
        self.result.value = ""
        self.status.value = line
