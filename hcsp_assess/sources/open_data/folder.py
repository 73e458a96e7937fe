"""Folders of open data in a project, one for each supplier."""

#: From the project's root.
FOLDER = "data/raw/open_data"
