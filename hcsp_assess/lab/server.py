"""Extension of the Jupyter server that adds our style sheet to JupyterLab; the settings in `jupyter/` load it."""

from pathlib import Path
from typing import Any

#: Settings of JupyterLab and the style sheet for the server that `hcsp-assess lab` starts; no other reads them.
SETTINGS = Path(__file__).with_name("jupyter")


def _jupyter_server_extension_points() -> list[dict[str, str]]:
    return [{"module": "hcsp_assess.lab.server"}]


def _load_jupyter_server_extension(server: Any) -> None:
    """Let the page find our `custom.css` where the user has none."""
    server.web_app.settings["static_custom_path"].append(str(SETTINGS / "custom"))
