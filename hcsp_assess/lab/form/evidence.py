"""Findings to write about: those of the last report, or worked out where that takes a second."""

from typing import Any

from hcsp_assess.edition.findings import edition_findings
from hcsp_assess.edition.opened import open_edition
from hcsp_assess.lab.form.step import Chosen
from hcsp_assess.setup.edition_texts import last_findings
from hcsp_assess.subject.editions import STREET, edition


def findings_to_quote(chosen: Chosen) -> list[dict[str, Any]]:
    """Return findings of an edition, each with key, sentence, direction and measure.

    Those of an edition with street-level records are those of its last report: to work them out, its records may have
    to be cleaned first.
    """
    if edition(chosen.edition, chosen.project.root).has_source(STREET):
        return last_findings(chosen.edition, chosen.project)
    worked_out = edition_findings(open_edition(chosen.edition, chosen.project)).everything
    fields = ("key", "sentence", "direction", "measure")
    return [{name: getattr(item, name) for name in fields} for item in worked_out]
