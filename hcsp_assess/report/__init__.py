"""Charts, tables, notebook runs, HTML and publishing: results in, what a person reads out."""
