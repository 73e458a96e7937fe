"""JupyterLab: an explorer, short commands and readable results."""
