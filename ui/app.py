"""Serves the page: on this machine, or to people who sign in."""

from __future__ import annotations

import errno
import socket
import threading
from collections.abc import Callable

import gradio as gr
import uvicorn
from starlette.applications import Starlette

from rag.assistant import Assistant
from rag.documents import MOST_BYTES
from ui.errors import NoUsers, PortTaken
from ui.guard import LOOPBACK, Guard
from ui.login import Login
from ui.page import ASKING, WAITING, build, looks
from ui.uploads import waiting_folder
from ui.users import Users

STATUS_S = 10.0  # seconds between messages about the queue


def serve(suroo: Assistant, host: str, port: int, ready: Callable[[str], None]) -> None:
    """Serve the page until interrupted; `ready` is told its address. Raises `NoUsers`, `PortTaken`."""
    if host not in LOOPBACK and not Users(suroo.folder).names():
        raise NoUsers(host=host)
    server = Server(suroo, host, port)
    ready(server.url)
    try:
        server.wait()
    finally:
        server.close()


class Server:
    """The page of `suroo`, served by a thread from here on. `port` 0 takes a free one.

    Where the library has users, they sign in; on this machine's own address too, since a proxy may stand before it.
    """

    def __init__(self, suroo: Assistant, host: str, port: int) -> None:
        self._socket = _bound(host, port)
        waiting_folder()  # gradio asks for it while the page is built
        # Not after each answer: all who wait would be sent their place in the queue, which the page does not show.
        page = build(suroo).queue(STATUS_S, default_concurrency_limit=ASKING, max_size=WAITING)
        app = gr.mount_gradio_app(
            Starlette(), page, path="", max_file_size=MOST_BYTES, show_error=False, run_history=False, **looks()
        )
        guard = Guard(app, Login(Users(suroo.folder)))
        config = uvicorn.Config(
            guard, proxy_headers=False, log_level="warning", access_log=False, timeout_graceful_shutdown=1
        )
        self._server = uvicorn.Server(config)
        shown = f"[{host}]" if ":" in host else host
        self.url = f"http://{shown}:{self._socket.getsockname()[1]}"
        self._thread = threading.Thread(target=self._server.run, kwargs={"sockets": [self._socket]}, daemon=True)
        self._thread.start()

    def wait(self) -> None:
        """Until somebody interrupts."""
        while self._thread.is_alive():
            self._thread.join(timeout=0.5)

    def close(self) -> None:
        self._server.should_exit = True
        self._thread.join(timeout=5)
        self._socket.close()


def _bound(host: str, port: int) -> socket.socket:
    """A socket bound to `host` and `port`. Raises `PortTaken`."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    found = socket.socket(family)
    found.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        found.bind((host, port))
        found.listen(2048)
    except OSError as error:
        found.close()
        if error.errno in (errno.EADDRINUSE, errno.EACCES):
            raise PortTaken(host=host, port=port) from None
        raise
    return found
