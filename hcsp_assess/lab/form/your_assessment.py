"""The form: its steps in order, from the area to the published report."""

import ipywidgets as widgets  # type: ignore[import-untyped]

from hcsp_assess.lab.form.area_step import AreaStep
from hcsp_assess.lab.form.edition_step import EditionStep
from hcsp_assess.lab.form.held_step import HeldStep
from hcsp_assess.lab.form.indicators_step import IndicatorsStep
from hcsp_assess.lab.form.run_step import RunStep
from hcsp_assess.lab.form.scores_step import ScoresStep
from hcsp_assess.lab.form.step import STYLE, Chosen, Step
from hcsp_assess.lab.form.texts_step import TextsStep
from hcsp_assess.project import Project, find_project
from hcsp_assess.subject.areas import own_areas


class YourAssessment(widgets.VBox):  # type: ignore[misc]
    """Every step of an assessment on one page, in order.

    Parameters
    ----------
    project : Project
        The project.
    area, edition : str
        What is chosen at first; by default the project's own area, where it has one, and its newest edition.

    Attributes
    ----------
    chosen : Chosen
        The area and the edition that all steps are about.
    steps : tuple of Step
        The steps.
    """

    def __init__(self, project: Project, area: str = "", edition: str = "") -> None:
        own = own_areas(project.root)
        self.chosen = Chosen(project, area or (own[0] if len(own) == 1 else ""), edition)
        self.area = AreaStep(self.chosen, self._area_changed)
        self.edition = EditionStep(self.chosen, self._edition_changed)
        self.held = HeldStep(self.chosen, self._edition_changed)
        self.texts = TextsStep(self.chosen)
        self.scores = ScoresStep(self.chosen)
        self.indicators = IndicatorsStep(self.chosen, self.texts.refresh)
        self.run = RunStep(self.chosen, self.save_all)
        self.steps: tuple[Step, ...] = (
            *(self.area, self.edition, self.held, self.texts, self.scores, self.indicators),
            self.run,
        )
        super().__init__([widgets.HTML(STYLE), *self.steps])
        self.add_class("hcsp-form")
        self._edition_changed()

    def save_all(self) -> str:
        """Save what is typed in all steps; return what could not be saved, in words."""
        return "; ".join(step.unsaved for step in self.steps if not step.save())

    def _area_changed(self) -> None:
        self.edition.refresh()
        self._edition_changed()

    def _edition_changed(self) -> None:
        for step in self.steps[2:]:
            step.refresh()


def your_assessment(area: str = "", edition: str = "") -> YourAssessment:
    """Open the form for the notebook's project; see `YourAssessment`."""
    return YourAssessment(find_project(), area, edition)
