"""Where a kernel and its run talk to each other: sockets in a folder of their own, which no other program can take.

jupyter_client looks for free network ports, lets them go, and names them to the kernel, which takes them only once it
has started. On a busy computer another program may have taken one by then. Sockets in a folder that only this user may
open cannot be taken, and other users of the computer cannot listen to what a chapter shows.
"""

import os
import tempfile
from pathlib import Path
from typing import Any, Final

#: Systems allow the path of a socket 104 to 108 bytes.
LONGEST: Final = 100


class PortTakenError(RuntimeError):
    """Another program took a port that a kernel was about to use."""

    def __init__(self) -> None:
        super().__init__("another program took a network port that it was about to use")


def use_private_sockets(manager: Any) -> Path | None:
    """Have a kernel that has not started yet use sockets in a new folder, instead of network ports.

    The file that names them to the kernel is in the folder too.

    Parameters
    ----------
    manager : jupyter_client.KernelManager
        The kernel's manager.

    Returns
    -------
    Path or None
        The folder, which the caller removes; None where a path in the folder for temporary files would be too long for
        a socket, or a folder cannot be made: then ports are used.
    """
    try:
        folder = Path(tempfile.mkdtemp(prefix="hcsp-kernel-"))
    except OSError:
        return None
    sockets = folder / "socket"
    if len(os.fsencode(sockets)) + len("-5") > LONGEST:
        folder.rmdir()
        return None
    manager.transport, manager.ip = "ipc", str(sockets)
    manager.connection_file = str(folder / "kernel.json")
    return folder
