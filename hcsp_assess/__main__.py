"""`python -m hcsp_assess` is the command line."""

from hcsp_assess.cli.main import main

main()
