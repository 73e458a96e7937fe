"""Run the command line with `python -m hcsp_assess`."""

from hcsp_assess.cli.main import main

main()
