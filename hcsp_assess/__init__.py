"""From what a community safety partnership receives to its annual strategic assessment."""

__version__ = "0.1.0"
