"""Every test runs offline, with an environment and a data folder of its own; real servers listen on loopback."""

from __future__ import annotations

import contextlib
import gc
import ipaddress
import os
import secrets
import shutil
import socket
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from tests.servers import HOW_TO_GET_POSTGRES, ChromaServer, PostgresServer, postgres_programs

if TYPE_CHECKING:
    from rag import Assistant
    from tests.fake_openai import FakeOpenAI

ROOT = Path(__file__).resolve().parent.parent
SEEDS = ROOT / "seeds"
CHROMIUM = next(
    (found for name in ("chromium", "chromium-browser", "google-chrome") if (found := shutil.which(name))), None
)
HOW_TO_GET_CHROMIUM = "no Chromium found; the page's tests need one (Debian, Ubuntu: sudo apt install chromium)"

for _name in list(os.environ):
    if _name.startswith(("SUROO_", "OPENAI_")):
        del os.environ[_name]
os.environ["LC_ALL"] = "C.UTF-8"

_connect = socket.socket.connect


def _is_local(address: object) -> bool:
    if not isinstance(address, tuple):
        return True  # a unix socket
    host = str(address[0])
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def _guarded_connect(self: socket.socket, address: Any) -> None:
    if not _is_local(address):
        raise AssertionError(f"a test tried to reach {address!r}; only loopback is allowed")
    _connect(self, address)


_getaddrinfo = socket.getaddrinfo


def _guarded_getaddrinfo(host: Any, *rest: Any, **options: Any) -> Any:
    name = host.decode() if isinstance(host, bytes) else host
    if name is not None and not _is_local((name,)):
        raise AssertionError(f"a test tried to look up {name!r}; only loopback is allowed")
    return _getaddrinfo(host, *rest, **options)


socket.socket.connect = _guarded_connect  # type: ignore[method-assign, assignment]
socket.getaddrinfo = _guarded_getaddrinfo


@pytest.fixture(autouse=True)
def _own_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


@pytest.fixture
def suroo(tmp_path: Path) -> Iterator[Assistant]:
    """An empty library."""
    from rag import Assistant, Settings

    with Assistant.open(Settings(data=tmp_path / "data")) as opened:
        yield opened


@pytest.fixture(scope="session")
def seeds(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Assistant]:
    """A library of the sample documents, shared: ask it, do not change it."""
    from rag import Assistant, Settings

    with Assistant.open(Settings(data=tmp_path_factory.mktemp("seeds"))) as opened:
        opened.add(SEEDS, sample=True)
        yield opened


@contextlib.contextmanager
def served(suroo: Assistant) -> Iterator[str]:
    """The page of `suroo` on a free port of loopback; gives its address."""
    from ui.app import Server

    server = Server(suroo, "127.0.0.1", 0)
    yield server.url
    server.close()
    # Gradio leaves event loops unclosed. Collected at any other moment, they warn in the midst of other tests, which in
    # CPython 3.11 breaks a syntax tree that is just being parsed.
    gc.collect()


@pytest.fixture(scope="session")
def _server() -> Iterator[FakeOpenAI]:
    from tests.fake_openai import serve

    yield from serve()


@pytest.fixture
def fake(_server: FakeOpenAI) -> Iterator[FakeOpenAI]:
    """An OpenAI-compatible server, well-behaved until told otherwise."""
    _server.reset()
    yield _server
    _server.go.set()


@pytest.fixture(scope="session")
def chroma_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ChromaServer]:
    """Chroma's own server, shared: libraries keep apart on it by their numbers."""
    server = ChromaServer(tmp_path_factory.mktemp("chroma") / "served")
    server.start()
    yield server
    server.stop()


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[PostgresServer]:
    """A PostgreSQL, shared; the test is skipped where the machine has none."""
    programs = postgres_programs()
    if programs is None:
        pytest.skip(HOW_TO_GET_POSTGRES)
    with tempfile.TemporaryDirectory(prefix="suroo-pg-") as folder:  # not pytest's own, which no other user may enter
        Path(folder).chmod(0o755)
        server = PostgresServer(Path(folder) / "pg", programs)
        server.start()
        yield server
        server.stop()


@pytest.fixture
def postgres_url(postgres_server: PostgresServer) -> str:
    """The address of an empty database."""
    return postgres_server.create(f"t{secrets.token_hex(6)}")


@pytest.fixture(scope="session")
def browser() -> Iterator[Any]:
    """A headless Chromium; the test is skipped where the machine has none."""
    if CHROMIUM is None:
        pytest.skip(HOW_TO_GET_CHROMIUM)
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        # --no-sandbox: containers run as root, where Chromium's sandbox can't start
        opened = playwright.chromium.launch(
            executable_path=CHROMIUM, args=["--no-sandbox", "--disable-gpu", "--disable-background-networking"]
        )
        yield opened
        opened.close()


def pytest_sessionfinish(session: pytest.Session, exitstatus: int) -> None:
    """Where nothing may be skipped (CI), a skip is a failure."""
    reporter = session.config.pluginmanager.get_plugin("terminalreporter")
    if os.environ.get("TESTS_NO_SKIPS") and reporter is not None and reporter.stats.get("skipped"):
        session.exitstatus = pytest.ExitCode.TESTS_FAILED


def pytest_terminal_summary(terminalreporter: Any) -> None:
    missing = [HOW_TO_GET_CHROMIUM] * (CHROMIUM is None) + [HOW_TO_GET_POSTGRES] * (postgres_programs() is None)
    for how in missing:
        terminalreporter.write_line(f"Skipped: {how}", yellow=True)
