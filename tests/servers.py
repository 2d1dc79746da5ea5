"""Real servers on loopback for tests and drills, each in a folder of its caller's: Chroma's own, and PostgreSQL."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
import time
from pathlib import Path
from urllib.parse import quote

import httpx
import psycopg
import psycopg.sql

PATIENCE_S = 60.0
HOW_TO_GET_POSTGRES = "no PostgreSQL found; its tests need one (Debian, Ubuntu: sudo apt install postgresql)"


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


class ChromaServer:
    """`chroma run` over one folder. It can be stopped, killed, and started again on the same port."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        chroma = Path(sys.executable).with_name("chroma")
        where = ["--path", str(self.folder), "--host", "127.0.0.1", "--port", str(self.port)]
        environment = {**os.environ, "ANONYMIZED_TELEMETRY": "False"}
        self._process = subprocess.Popen(
            [chroma, "run", *where],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            env=environment,
            cwd=self.folder.parent,
        )
        deadline = time.monotonic() + PATIENCE_S
        while True:
            try:
                httpx.get(f"{self.url}/api/v2/heartbeat").raise_for_status()
                return
            except httpx.HTTPError:
                assert self._process.poll() is None, "chroma ended"
                assert time.monotonic() < deadline, "chroma does not answer"
                time.sleep(0.05)

    def stop(self) -> None:
        if self._process is not None:
            self._process.terminate()
            self._process.wait(PATIENCE_S)
            self._process = None


def postgres_programs() -> Path | None:
    """The folder of PostgreSQL's programs, the newest that is installed."""
    versions = sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=lambda p: int(p.parent.name))
    if versions:
        return versions[-1]
    found = shutil.which("initdb")
    return Path(found).resolve().parent if found else None


class PostgresServer:
    """A PostgreSQL of its own, which asks for a password. It refuses to run as root, so then it runs as `postgres`."""

    PASSWORD = "p@ss w0rd/канарейка"

    def __init__(self, folder: Path, programs: Path) -> None:
        self._folder = folder
        self._programs = programs
        self._user = "postgres" if os.geteuid() == 0 else None
        self.port = free_port()
        folder.mkdir(parents=True, exist_ok=True)
        secret = folder / "secret"
        secret.write_text(self.PASSWORD, "utf-8")
        if self._user:
            shutil.chown(folder, self._user)
            shutil.chown(secret, self._user)
        self._run("initdb", "-D", folder / "db", "-U", "suroo", "-A", "scram-sha-256", "--pwfile", secret, "-E", "UTF8")

    def url(self, database: str = "postgres", password: str = PASSWORD) -> str:
        return f"postgresql://suroo:{quote(password, safe='')}@127.0.0.1:{self.port}/{database}"

    def start(self) -> None:
        options = f"-p {self.port} -k {self._folder} -c listen_addresses=127.0.0.1 -c max_connections=50"
        self._run("pg_ctl", "-D", self._folder / "db", "-o", options, "-l", self._folder / "log", "-w", "start")

    def stop(self) -> None:
        self._run("pg_ctl", "-D", self._folder / "db", "-m", "immediate", "-w", "stop")

    def create(self, database: str) -> str:
        """A new empty database; gives its address."""
        with psycopg.connect(self.url(), autocommit=True) as connection:
            connection.execute(psycopg.sql.SQL("create database {}").format(psycopg.sql.Identifier(database)))
        return self.url(database)

    def _run(self, program: str, *arguments: object) -> None:
        command = [str(self._programs / program), *map(str, arguments)]
        done = subprocess.run(
            command,
            user=self._user,
            env={**os.environ, "LC_ALL": "C.UTF-8"},
            cwd=self._folder,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            check=False,
        )
        assert done.returncode == 0, f"{program}: {done.stderr.decode(errors='replace')}"
