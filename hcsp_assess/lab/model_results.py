"""The results table of statsmodels on the chosen series, with a sentence that says what it is."""

import re
from dataclasses import dataclass

import numpy as np
import pandas as pd

from hcsp_assess.assessment.findings import Finding
from hcsp_assess.assessment.wording.words import lower_first, say_percent
from hcsp_assess.errors import InputError
from hcsp_assess.report.tables import escape
from hcsp_assess.trends.seasonal_glm import SLOPE, fit_seasonal_glm

#: The day and time of printing, on the left of a line: the same series has the same results.
WHEN_PRINTED = re.compile(r"^(?:Date|Time):.{34}", re.MULTILINE)


@dataclass(frozen=True, repr=False)
class ModelResults:
    """A model's results as statsmodels prints them.

    Attributes
    ----------
    sentence : str
        What the model is, and its slope in words.
    text : str
        The table, as plain text.
    """

    sentence: str
    text: str

    def _repr_html_(self) -> str:
        named = 'class="model-results" tabindex="0" role="region" aria-label="Results of statsmodels"'
        return f"<p>{escape(self.sentence)}</p><pre {named}>{escape(self.text)}</pre>"


def model_results(counts: pd.Series, label: str) -> ModelResults | Finding:
    """Show the regression of any monthly series as statsmodels reports it, or why it has none."""
    try:
        fitted = fit_seasonal_glm(counts)
    except InputError as error:
        return Finding("model", f"{label}: there is no model, because {error}.")
    percent = 100 * float(np.expm1(fitted.params[SLOPE]))
    sentence = (
        f"A regression of the monthly counts of {lower_first(label)} on the month of the year and time (quasi-Poisson, "
        f"days in each month allowed for): {'up' if percent > 0 else 'down'} {say_percent(percent)} a year. It treats "
        "months as independent and so finds trends too easily: the trend above the tabs is from a model that does not."
    )
    text = str(fitted.summary(title="Generalised linear model (statsmodels)"))
    return ModelResults(sentence, WHEN_PRINTED.sub(lambda found: " " * len(found[0]), text))
