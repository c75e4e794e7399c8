"""Importing the audit loads neither scipy's statistics nor datasketch: pages and commands start without them."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import autodata.audit

MODULES = sorted(path.stem for path in Path(autodata.audit.__file__).parent.glob("*.py") if path.stem != "__init__")


def test_heavy_libraries_are_loaded_where_they_are_used():
    code = "import sys\n" + "\n".join(f"import autodata.audit.{name}" for name in MODULES)
    code += "\nprint([name for name in ('scipy.stats', 'scipy.special', 'datasketch') if name in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
