"""Your assessment: a form in JupyterLab, from the area to the published report."""
