"""Gives the suite a data folder and a log of its own; loaded by `-p`, before Django's settings.

Reading the settings makes the folder: not in the checkout, where `make run` has its own.
"""

import logging
import os
import tempfile

os.environ["FLIGHTBOARD_HOME"] = tempfile.mkdtemp(prefix="flightboard-tests-")
# Servers that tests start say everything, too: the suite's last test looks for tokens in all of it.
os.environ["FLIGHTBOARD_LOG_LEVEL"] = "DEBUG"

LOG = os.path.join(os.environ["FLIGHTBOARD_HOME"], "suite.log")  # noqa: PTH118
"""What was logged at DEBUG by everything that runs in the suite's own process."""

_handler = logging.FileHandler(LOG)
_handler.setFormatter(logging.Formatter("%(name)s %(levelname)s %(message)s"))
logging.getLogger().addHandler(_handler)
logging.getLogger().setLevel(logging.DEBUG)
