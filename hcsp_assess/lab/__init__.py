"""For analysts in JupyterLab: the explorer, short commands, and how results look in a cell."""
