"""A papermill engine that writes each notebook once, not before and after every cell."""

from pathlib import Path
from typing import Any, Final

from papermill.engines import NBClientEngine, papermill_engines
from papermill.iorw import write_ipynb

NAME: Final = "hcsp-assess"


class WritesOnce(NBClientEngine):  # type: ignore[misc]  # papermill has no types
    """Executes a notebook and leaves it to papermill to write it, once it has ended.

    A notebook that does not end, because a cell hangs or the kernel dies, is written as far as it got.
    """

    @classmethod
    def execute_managed_notebook(cls, nb_man: Any, kernel_name: str, *, executed: Path, **options: Any) -> Any:
        """Execute a notebook; `executed` is where it is written if it does not end."""
        try:
            return super().execute_managed_notebook(nb_man, kernel_name, **options)
        except BaseException:
            write_ipynb(nb_man.nb, str(executed))
            raise


papermill_engines.register(NAME, WritesOnce)
