"""The command line: `hcsp-assess`. A module for each subject, joined in `main`.

Commands import what they call only when they run: pandas and the rest take seconds, and `--help` needs none of them.
"""
