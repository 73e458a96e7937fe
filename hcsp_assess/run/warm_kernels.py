"""Kernels forked from one process with everything already imported, so that chapters start at once."""

import atexit
import multiprocessing
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from multiprocessing.connection import wait
from multiprocessing.process import BaseProcess
from types import ModuleType
from typing import Any, Final, cast
from weakref import WeakSet

from jupyter_client.provisioning.factory import KernelProvisionerFactory
from jupyter_client.provisioning.local_provisioner import LocalProvisioner

#: Name under which the provisioner is registered as an entry point of jupyter_client.
NAME: Final = "hcsp-assess-warm"
#: What the warm process imports.
WARM: Final = "hcsp_assess.run.warm_imports"
LAUNCHER: Final = "ipykernel_launcher"
_starting = threading.RLock()


class ForkedKernel:
    """A kernel forked from the warm process, with those methods of `subprocess.Popen` that a provisioner needs.

    It is of a session of its own, as a kernel of jupyter_client is, so that a signal reaches what it started too; and
    it ends when the process that asked for it does, however that ends.
    """

    stdin = stdout = stderr = None

    def __init__(self, arguments: Sequence[str], *, cwd: str | None, env: dict[str, str]) -> None:
        with _starting, _no_main_module():
            multiprocessing.current_process().daemon = False  # one of Dask's workers is, and may then start nothing
            server = multiprocessing.get_context("forkserver")
            server.set_forkserver_preload([WARM])
            self._process: BaseProcess = server.Process(target=_be_kernel, args=(list(arguments), cwd, env))
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
    """Starts Python kernels of this environment by forking, and every other kernel as jupyter_client does."""

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
                kernel = ForkedKernel(cmd[cmd.index(LAUNCHER) + 1 :], cwd=kwargs.get("cwd"), env=kwargs["env"])
                self.process = cast("subprocess.Popen[Any]", kernel)
                self.pid = self.pgid = kernel.pid  # a session of its own is a group of its own
                return self.connection_info
        return await super().launch_kernel(cmd, **kwargs)


@contextmanager
def warm_kernels() -> Iterator[None]:
    """Have kernels that name no provisioner of their own forked from a warm process, where this machine can fork.

    When it ends, so does every kernel that is still there.
    """
    factory = KernelProvisionerFactory.instance()
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
    for kernel in running_kernels():
        kernel.kill()


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


def _be_kernel(arguments: list[str], cwd: str | None, env: dict[str, str]) -> None:
    """What the forked process does: all that `python -m ipykernel_launcher` would."""
    from ipykernel.kernelapp import IPKernelApp

    os.setsid()
    os.environ.clear()
    os.environ.update(env)
    os.environ.pop("JPY_PARENT_PID", None)  # of a kernel that this run is itself in: ipykernel would watch for it
    if cwd:
        os.chdir(cwd)
    threading.Thread(target=_end_with_run, daemon=True).start()
    sys.argv = [LAUNCHER, *arguments]
    IPKernelApp.launch_instance(argv=arguments)


def _end_with_run() -> None:
    """End at once, whatever a cell is at, when the process that asked for this kernel has ended."""
    run = multiprocessing.parent_process()
    if run is not None:
        wait([run.sentinel])
        os._exit(1)
