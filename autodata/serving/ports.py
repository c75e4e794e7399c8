"""Who listens on a port of this machine."""

from __future__ import annotations

import socket
from pathlib import Path

PROC = Path("/proc")


def is_taken(host: str, port: int) -> bool:
    """Whether a server could not listen there now."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family) as probe:
        # As servers do: a port that was just given up can be taken again at once.
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
            probe.listen(1)
        except OSError:
            return True
    return False


def describe_holder(port: int) -> str:
    """`process 4182 (python -m something)`; "another process" where the system does not tell."""
    inodes = _list_listening(port)
    for folder in PROC.glob("[0-9]*/fd") if inodes else ():
        try:
            held = any(str(fd.readlink()) in inodes for fd in folder.iterdir())
            command = (folder.parent / "cmdline").read_bytes() if held else b""
        except OSError:
            continue
        if held:
            words = command.replace(b"\0", b" ").decode("utf-8", "replace").split()
            return f"process {folder.parent.name} ({' '.join(words)[:80]})"
    return "another process"


def _list_listening(port: int) -> set[str]:
    """Sockets that listen on the port, as their descriptors are shown."""
    found = set()
    for name in ("tcp", "tcp6"):
        try:
            lines = (PROC / "net" / name).read_text().splitlines()[1:]
        except OSError:
            continue
        for line in lines:
            fields = line.split()
            # Address in hexadecimal with the port behind the colon, state 0A is listening.
            if fields[3] == "0A" and int(fields[1].rpartition(":")[2], 16) == port:
                found.add(f"socket:[{fields[9]}]")
    return found
