"""`python -m kith` is `kith`, also where the script is not on the path."""

import sys

from kith.cli import main

sys.exit(main())
