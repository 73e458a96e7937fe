"""Kernels forked from one process with everything already imported, so that chapters start at once."""

import atexit
import errno
import multiprocessing
import os
import shutil
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from multiprocessing.connection import wait
from multiprocessing.process import BaseProcess
from pathlib import Path
from types import ModuleType
from typing import Any, Final, cast
from weakref import WeakSet

from jupyter_client.provisioning.factory import KernelProvisionerFactory
from jupyter_client.provisioning.local_provisioner import LocalProvisioner

from hcsp_assess.run.kernel_sockets import PortTakenError, use_private_sockets

#: Name under which the provisioner is registered as an entry point of jupyter_client.
NAME: Final = "hcsp-assess-warm"
#: What the warm process imports.
WARM: Final = "hcsp_assess.run.warm_imports"
LAUNCHER: Final = "ipykernel_launcher"
#: Exit code of a forked kernel whose port another program has taken.
PORT_TAKEN: Final = 98
_starting = threading.RLock()
_stopped = threading.Event()


class ForkedKernel:
    """A kernel forked from the warm process, with those methods of `subprocess.Popen` that a provisioner needs.

    It is of a session of its own, as a kernel of jupyter_client is, so that a signal reaches what it started too; and
    it ends when the process that asked for it does, however that ends.
    """

    stdin = stdout = stderr = None

    def __init__(
        self, arguments: Sequence[str], *, cwd: str | None, env: dict[str, str], sockets: Path | None = None
    ) -> None:
        with _starting, _no_main_module():
            multiprocessing.current_process().daemon = False  # one of Dask's workers is, and may then start nothing
            server = multiprocessing.get_context("forkserver")
            server.set_forkserver_preload([WARM])
            given = (list(arguments), cwd, env, sockets)
            self._process: BaseProcess = server.Process(target=_be_kernel, args=given)
            self._process.start()
        _alive.add(self)

    @property
    def pid(self) -> int:
        """Its process number."""
        return int(self._process.pid or 0)

    def poll(self) -> int | None:
        """Its exit code; None while it runs."""
        with _starting:
            return self._process.exitcode

    def wait(self) -> int | None:
        """Wait for its end."""
        self._process.join()
        return self.poll()

    def send_signal(self, number: int) -> None:
        """Send it a signal; nothing happens where it has ended."""
        if self.poll() is None:
            os.kill(self.pid, number)

    def terminate(self) -> None:
        """Ask it to end."""
        self.send_signal(signal.SIGTERM)

    def kill(self) -> None:
        """End it."""
        self.send_signal(signal.SIGKILL)


_alive: WeakSet[ForkedKernel] = WeakSet()


class WarmProvisioner(LocalProvisioner):
    """Starts Python kernels of this environment by forking, and every other kernel as jupyter_client does.

    Those of this environment use sockets in a folder of their own; others may know network ports alone.
    """

    _sockets: Path | None = None
    _taken_said = False

    async def pre_launch(self, **kwargs: Any) -> dict[str, Any]:
        """Prepare the start of a kernel; the arguments are those of jupyter_client."""
        if self.parent and self._sockets is None and can_be_forked(self.parent.format_kernel_cmd()):
            self._sockets = use_private_sockets(self.parent)
        return await super().pre_launch(**kwargs)

    async def launch_kernel(self, cmd: list[str], **kwargs: Any) -> Any:
        """Start the kernel that a command names.

        Parameters
        ----------
        cmd : list of str
            Command of the kernel's specification, with the connection file and extra arguments.
        **kwargs
            As for `subprocess.Popen`: `cwd` and `env` are used.
        """
        if can_be_forked(cmd):
            with suppress(OSError, EOFError):  # no warm process can be had: then as jupyter_client does
                given = {"cwd": kwargs.get("cwd"), "env": kwargs["env"], "sockets": self._sockets}
                kernel = ForkedKernel(cmd[cmd.index(LAUNCHER) + 1 :], **given)
                self.process = cast("subprocess.Popen[Any]", kernel)
                self.pid = self.pgid = kernel.pid  # a session of its own is a group of its own
                return self.connection_info
        return await super().launch_kernel(cmd, **kwargs)

    async def poll(self) -> int | None:
        """Return the kernel's exit code; None while it runs.

        Raises
        ------
        PortTakenError
            Once, where the kernel ended because another program had taken its port.
        """
        code = await super().poll()
        if code == PORT_TAKEN and not self._taken_said:
            self._taken_said = True
            raise PortTakenError
        return code

    async def cleanup(self, restart: bool = False) -> None:
        """Tidy up after a kernel that has ended; `restart` is whether it is to be started again."""
        await super().cleanup(restart)
        if self._sockets and not restart:
            shutil.rmtree(self._sockets, ignore_errors=True)


@contextmanager
def warm_kernels() -> Iterator[None]:
    """Have kernels that name no provisioner of their own forked from a warm process, where this machine can fork.

    When it ends, so does every kernel that is still there.
    """
    factory = KernelProvisionerFactory.instance()
    _stopped.clear()
    before = factory.default_provisioner_name
    if "forkserver" in multiprocessing.get_all_start_methods():
        factory.default_provisioner_name = NAME
    try:
        yield
    finally:
        factory.default_provisioner_name = before
        stop_kernels()


def running_kernels() -> list[ForkedKernel]:
    """Forked kernels that have not ended."""
    return [kernel for kernel in list(_alive) if kernel.poll() is None]


@atexit.register  # before multiprocessing's own, which would wait for a kernel that is never stopped
def stop_kernels() -> None:
    """End every forked kernel that is still there."""
    _stopped.set()
    for kernel in running_kernels():
        kernel.kill()


def kernels_stopped() -> bool:
    """Whether kernels were ended by `stop_kernels`, so that none of them is to be started again."""
    return _stopped.is_set()


def can_be_forked(command: Sequence[str]) -> bool:
    """Whether a command is what `python -m ipykernel_launcher` of this environment would be."""
    options = [part for part in command[1:] if not part.startswith("-X")]
    return options[:2] == ["-m", LAUNCHER] and os.path.realpath(command[0]) == os.path.realpath(sys.executable)


@contextmanager
def _no_main_module() -> Iterator[None]:
    """Hide this program's main module, which multiprocessing would otherwise run once more in every kernel."""
    own = sys.modules["__main__"]
    sys.modules["__main__"] = ModuleType("__main__")
    try:
        yield
    finally:
        sys.modules["__main__"] = own


def _be_kernel(arguments: list[str], cwd: str | None, env: dict[str, str], sockets: Path | None) -> None:
    """What the forked process does: all that `python -m ipykernel_launcher` would."""
    import zmq
    from ipykernel.kernelapp import IPKernelApp

    os.setsid()
    os.environ.clear()
    os.environ.update(env)
    os.environ.pop("JPY_PARENT_PID", None)  # of a kernel that this run is itself in: ipykernel would watch for it
    if cwd:
        os.chdir(cwd)
    threading.Thread(target=_end_with_run, args=(sockets,), daemon=True).start()
    sys.argv = [LAUNCHER, *arguments]
    try:
        IPKernelApp.launch_instance(argv=arguments)
    except zmq.ZMQError as error:
        if error.errno != errno.EADDRINUSE:
            raise
        os._exit(PORT_TAKEN)


def _end_with_run(sockets: Path | None) -> None:
    """End at once, whatever a cell is at, when the process that asked for this kernel has ended."""
    run = multiprocessing.parent_process()
    if run is not None:
        wait([run.sentinel])
        if sockets:
            shutil.rmtree(sockets, ignore_errors=True)
        os._exit(1)
