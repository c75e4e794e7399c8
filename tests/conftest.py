"""Property tests use the same examples each time; `make explore` looks for new ones. Homes are written in memory."""

import os
import shutil
from pathlib import Path

from hypothesis import HealthCheck, settings

MEMORY = Path("/dev/shm")
ROOM = 4 << 30
"""Bytes that have to be free there; a container often has no more than 64 MB."""

# Every journal and index forces what it writes to the disk, thousands of times in all; in memory that costs nothing.
# Set before the first temporary folder, and for the workers and processes that tests start.
if "TMPDIR" not in os.environ and MEMORY.is_dir() and shutil.disk_usage(MEMORY).free >= ROOM:
    os.environ["TMPDIR"] = str(MEMORY)

# A suite that gates a change must say the same of the same code. What exploring finds becomes an example of its own.
# That includes a machine with other work, where drawing examples may take its time.
settings.register_profile(
    "repeatable", derandomize=True, database=None, suppress_health_check=[HealthCheck.too_slow], deadline=None
)
settings.register_profile("explore", derandomize=False, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("repeatable")
