"""Extension of the Jupyter server: our style sheet, and room for larger uploads; the settings in `jupyter/` load it."""

from pathlib import Path
from typing import Any

#: Settings of JupyterLab and the style sheet for the server that `hcsp-assess lab` starts; no other reads them.
SETTINGS = Path(__file__).with_name("jupyter")
#: Most bytes of a message to a kernel, so of an upload; by itself the server closes the connection at 10 MB.
LARGEST_MESSAGE = 200_000_000


def _jupyter_server_extension_points() -> list[dict[str, str]]:
    return [{"module": "hcsp_assess.lab.server"}]


def _load_jupyter_server_extension(server: Any) -> None:
    """Let the page find our `custom.css` where the user has none; a limit of the user's own wins over ours."""
    server.web_app.settings.setdefault("websocket_max_message_size", LARGEST_MESSAGE)
    server.web_app.settings["static_custom_path"].append(str(SETTINGS / "custom"))
