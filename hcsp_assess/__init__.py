"""From what a community safety partnership receives to its annual strategic assessment."""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from hcsp_assess.pipeline import open_edition

__version__ = "0.1.0"
__all__ = ["__version__", "open_edition"]


def __getattr__(name: str) -> Any:
    """Import what notebooks start from only when it is asked for: the command line stays quick."""
    if name == "open_edition":
        from hcsp_assess.pipeline import open_edition

        return open_edition
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
