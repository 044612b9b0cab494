"""``python -m surveykit``: the command line."""

from surveykit.cli import main

main()
