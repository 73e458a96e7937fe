"""What tests in a real browser share: Chromium, and JupyterLab as `hcsp-assess lab` opens it."""

import contextlib
import json
import os
import shutil
import socket
import subprocess
import time
import urllib.error
import urllib.request

from hcsp_assess.lab.jupyterlab import lab_command, lab_environment

CHROMIUM = shutil.which("chromium") or shutil.which("google-chrome")
FLAGS = [
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync",
]  # fmt: skip


@contextlib.contextmanager
def serve_lab(project, base):
    """JupyterLab on a project, with settings of its own in the folder `base`; ended with its kernels. Yields its address."""
    settings = base / "settings" / "@jupyterlab" / "notebook-extension"
    settings.mkdir(parents=True)
    whole = {"windowingMode": "none"}  # every cell in the page at once, so that it can be looked at
    (settings / "tracker.jupyterlab-settings").write_text(json.dumps(whole), encoding="utf-8")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    own = {name: str(base / name.lower()) for name in ("JUPYTER_CONFIG_DIR", "JUPYTER_DATA_DIR", "JUPYTER_RUNTIME_DIR", "IPYTHONDIR")}  # fmt: skip
    own |= {"JUPYTERLAB_SETTINGS_DIR": str(base / "settings"), "JUPYTERLAB_WORKSPACES_DIR": str(base / "workspaces")}
    own |= lab_environment(project)
    command = [
        *lab_command(project, browser=False, port=port),
        "--IdentityProvider.token=",
        "--ServerApp.allow_root=True",
    ]
    with (base / "log").open("w") as log:
        process = subprocess.Popen(command, env=os.environ | own, stdout=log, stderr=log, cwd=project.root)
        try:
            _wait_for(f"http://127.0.0.1:{port}/api/status", process, base / "log")
            yield f"http://127.0.0.1:{port}"
        finally:
            process.terminate()  # it ends its kernels itself
            process.wait(30)


def _wait_for(url, process, log):
    for _ in range(240):
        assert process.poll() is None, log.read_text(encoding="utf-8")
        try:
            with urllib.request.urlopen(url, timeout=5):
                return
        except (urllib.error.URLError, ConnectionError):
            time.sleep(0.5)
    raise AssertionError(f"JupyterLab did not start in two minutes: {log.read_text(encoding='utf-8')}")
