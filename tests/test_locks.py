import os
import subprocess
import sys

import pytest

from autodata.errors import HeldElsewhere
from autodata.locks import is_locked, take_lock


@pytest.fixture
def path(tmp_path):
    path = tmp_path / "file"
    path.touch()
    return path


def test_lock_is_seen_while_held_and_gone_after(path):
    fd = os.open(path, os.O_RDWR)
    take_lock(fd, 0, "held")
    assert is_locked(path)
    os.close(fd)
    assert not is_locked(path)


def test_absent_file_is_not_locked(tmp_path):
    assert not is_locked(tmp_path / "absent")


def test_second_holder_is_refused_with_the_message(path):
    first, second = os.open(path, os.O_RDWR), os.open(path, os.O_RDWR)
    take_lock(first, 0, "held")
    with pytest.raises(HeldElsewhere, match="wait for the other"):
        take_lock(second, 0.02, "wait for the other")
    os.close(first)
    os.close(second)


def test_lock_of_a_killed_process_is_released(path):
    code = "import os,sys,time\nfrom autodata.locks import take_lock\n"
    code += "take_lock(os.open(sys.argv[1], os.O_RDWR), 0, 'held')\nprint('locked', flush=True)\ntime.sleep(60)\n"
    process = subprocess.Popen([sys.executable, "-c", code, str(path)], stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    assert process.stdout.readline() == "locked\n"
    assert is_locked(path)
    process.kill()
    process.wait()
    process.stdout.close()
    assert not is_locked(path)
