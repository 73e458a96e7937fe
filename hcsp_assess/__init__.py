"""Build a community safety partnership's strategic assessment from the data it receives."""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from hcsp_assess.edition.opened import open_edition

__version__ = "0.1.0"
__all__ = ["__version__", "load_ipython_extension", "open_edition"]


def __getattr__(name: str) -> Any:
    """Import what notebooks start from only when it is asked for: the command line stays quick."""
    if name == "open_edition":
        from hcsp_assess.edition.opened import open_edition

        return open_edition
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def load_ipython_extension(shell: Any) -> None:
    """Add the short commands of `hcsp_assess.lab.magics`: `%load_ext hcsp_assess` calls this."""
    from hcsp_assess.lab.magics import load

    load(shell)
