"""`python -m autodata.cli`: the same as the `autodata` command."""

from autodata.cli import main

main()
