"""The command line: `hcsp-assess`."""
