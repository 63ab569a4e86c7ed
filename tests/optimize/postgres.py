"""A PostgreSQL of the operating system's, started in a temporary folder."""

from __future__ import annotations

import os
import pwd
import shutil
import signal
import socket
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

MISSING = "PostgreSQL is missing, so no study was shared. On Debian: apt-get install postgresql"
USER = "postgres"


def find_postgres() -> Path | None:
    """The folder of initdb and postgres, of the newest version there is."""
    found = shutil.which("initdb")
    if found is not None and shutil.which("postgres") is not None:
        return Path(found).resolve().parent
    versions = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda path: int(path.parts[4]))
    return versions[-1].parent if versions else None


@contextmanager
def postgres(binaries: Path, folder: Path) -> Iterator[str]:
    """A fresh cluster's URL; it is gone when the block ends. As root it runs as user postgres: it refuses root."""
    as_user: dict[str, object] = {}
    if os.getuid() == 0:
        owner = pwd.getpwnam(USER)
        os.chown(folder, owner.pw_uid, owner.pw_gid)
        as_user = {"user": owner.pw_uid, "group": owner.pw_gid, "extra_groups": []}
    data = folder / "data"
    quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.STDOUT, "cwd": folder}
    subprocess.run(
        [binaries / "initdb", "-D", data, "-U", USER, "-A", "trust", "--no-sync", "-E", "UTF8", "--locale=C"],
        check=True, **quiet, **as_user,
    )  # type: ignore[call-overload]  # fmt: skip
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    server = subprocess.Popen(
        [binaries / "postgres", "-D", data, "-p", str(port), "-h", "127.0.0.1", "-k", folder, "-F"], **quiet, **as_user
    )  # type: ignore[call-overload]
    try:
        ready = [binaries / "pg_isready", "-h", "127.0.0.1", "-p", str(port), "-t", "1"]
        for _ in range(300):
            if subprocess.run(ready, **quiet, check=False).returncode == 0:  # type: ignore[call-overload]
                break
            if server.poll() is not None:
                raise RuntimeError("PostgreSQL ended at once")
            subprocess.run(["sleep", "0.1"], check=True)
        yield f"postgresql://{USER}@127.0.0.1:{port}/postgres"
    finally:
        server.send_signal(signal.SIGINT)  # at once: it would wait for connections that a failed test still holds
        server.wait()
