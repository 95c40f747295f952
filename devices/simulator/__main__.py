"""`python -m devices.simulator`: a simulated fleet at the doors of a real one, until Ctrl-C."""

import sys

from devices.simulator.command import main

sys.exit(main())
