"""Where open data are in a project: a folder for each supplier."""

#: From the project's root.
FOLDER = "data/raw/open_data"
