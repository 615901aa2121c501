"""Run the command line with ``python -m singula``."""

import sys

from singula.cli.main import main

sys.exit(main())
