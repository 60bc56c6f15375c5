"""Gives the suite a data folder of its own; loaded by `-p`, before Django's settings are read.

Reading the settings makes the folder: not in the checkout, where `make run` has its own.
"""

import os
import tempfile

os.environ["FLIGHTBOARD_HOME"] = tempfile.mkdtemp(prefix="flightboard-tests-")
