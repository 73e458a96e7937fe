"""A papermill engine that writes each notebook once, not before and after every cell."""

from pathlib import Path
from typing import Any, Final

from papermill.engines import NBClientEngine, papermill_engines
from papermill.iorw import write_ipynb

from hcsp_assess.run.kernel_sockets import PortTakenError
from hcsp_assess.run.warm_kernels import kernels_stopped

NAME: Final = "hcsp-assess"
#: How many times a kernel is started, at most, where it ends before the first cell.
STARTS: Final = 3


class WritesOnce(NBClientEngine):  # type: ignore[misc]  # papermill has no types
    """Executes a notebook and leaves it to papermill to write it, once it has ended.

    A notebook that does not end, because a cell hangs or the kernel dies, is written as far as it got.
    """

    @classmethod
    def execute_managed_notebook(
        cls, nb_man: Any, kernel_name: str, *, executed: Path, restarts: list[str], **options: Any
    ) -> Any:
        """Execute a notebook.

        Parameters
        ----------
        nb_man : papermill.engines.NotebookExecutionManager
            The notebook, and how far it got.
        kernel_name : str
            Name of the kernel.
        executed : Path
            Where the notebook is written if it does not end.
        restarts : list of str
            Receives the reason for each time that the kernel had to be started again.
        **options
            As for papermill's own engine.
        """
        try:
            while True:
                try:
                    return super().execute_managed_notebook(nb_man, kernel_name, **options)
                except RuntimeError as error:
                    if len(restarts) == STARTS - 1 or not _ended_at_start(nb_man, error):
                        raise
                    restarts.append(str(error))
        except BaseException:
            write_ipynb(nb_man.nb, str(executed))
            raise


def _ended_at_start(nb_man: Any, error: RuntimeError) -> bool:
    """Whether a kernel ended by itself before any cell began: another may be tried, and nothing is done twice."""
    begun = any(cell.metadata.papermill["status"] != nb_man.PENDING for cell in nb_man.nb.cells)
    return not begun and not kernels_stopped() and (isinstance(error, PortTakenError) or "died" in str(error))


papermill_engines.register(NAME, WritesOnce)
