"""A library whose vectors are on a Chroma server: it goes away, comes back, is slow, is somebody else."""

from __future__ import annotations

import socket
import threading
import traceback
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest

from rag import Assistant, Document, Settings
from rag.doctor import examine, rebuild
from rag.errors import BadSettings, StoreUnreachable
from rag.types import Hit
from tests.servers import ChromaServer, free_port

TRADE = Document(id="a", text="The trade agreement was signed in Bishkek.")
BRIDGE = Document(id="b", text="The bridge in Osh opened in 2019.")


@pytest.fixture
def server(tmp_path: Path) -> Iterator[ChromaServer]:
    """A Chroma server of the test's own, to be stopped and started."""
    served = ChromaServer(tmp_path / "served")
    served.start()
    yield served
    served.stop()


@pytest.fixture(autouse=True)
def _no_wait(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("rag.chroma.RETRY_S", 0.0)


def has_vectors(hits: list[Hit]) -> bool:
    return bool(hits) and all(hit.parts["vector"] > 0 for hit in hits)


def test_a_server_goes_away_and_comes_back(server: ChromaServer, tmp_path: Path) -> None:
    settings = Settings(data=tmp_path / "data", chroma_url=server.url)
    with Assistant.open(settings) as suroo:
        suroo.add(TRADE)
        assert has_vectors(suroo.search("trade agreement"))
        assert not (tmp_path / "data" / "chroma").exists()
        server.stop()
        answer = suroo.ask("Где подписали торговое соглашение?")
        assert answer.status == "answered"
        assert [(n.code, "Chroma" in n.text, "сервер" in n.text) for n in answer.notices] == [
            ("vectors_missing", True, True)
        ]
        with pytest.raises(StoreUnreachable, match="Start the server, or correct SUROO_CHROMA_URL") as caught:
            suroo.add(BRIDGE)
        assert "Запустите сервер" in caught.value.text("ru")
        assert server.url in str(caught.value)
        assert suroo.ask("When did the bridge in Osh open?").status == "answered"  # it is in the record
        assert [code for code, _ in examine(settings).problems] == ["vectors_unreachable"]
    with Assistant.open(settings) as again:  # opens without its server too
        assert again.ask("When did the bridge in Osh open?").status == "answered"
        server.start()
        assert has_vectors(again.search("trade agreement", k=1))
        again.add(Document(id="c", text="The road to Naryn was closed in January."))
        assert all(has_vectors(again.search(q, k=1)) for q in ("trade agreement", "bridge in Osh", "road to Naryn"))
    assert examine(settings).problems == []


def test_a_server_that_lost_everything_is_filled_again(server: ChromaServer, tmp_path: Path) -> None:
    settings = Settings(data=tmp_path / "data", chroma_url=server.url)
    with Assistant.open(settings) as suroo:
        suroo.add(TRADE)
        server.stop()
        server.folder = tmp_path / "empty"
        server.start()
        assert suroo.search("trade agreement")  # by words
        suroo.add(BRIDGE)
        assert has_vectors(suroo.search("trade agreement", k=1))
    assert examine(settings).problems == []


def test_libraries_share_a_server(server: ChromaServer, tmp_path: Path) -> None:
    one, two = (Settings(data=tmp_path / name, chroma_url=server.url) for name in ("one", "two"))
    with Assistant.open(one) as first, Assistant.open(two) as second:
        first.add(TRADE)
        second.add(BRIDGE)
        rebuild(two)
        assert [hit.path for hit in first.search("trade agreement bridge")] == ["a"]
        assert [hit.path for hit in second.search("trade agreement bridge")] == ["b"]
    assert examine(one).problems == examine(two).problems == []


def test_a_server_that_never_replies_is_not_waited_for(
    chroma_server: ChromaServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("rag.chroma.CONNECT_S", 0.2)
    with socket.socket() as silent:
        silent.bind(("127.0.0.1", 0))
        silent.listen()
        url = f"http://127.0.0.1:{silent.getsockname()[1]}"
        with Assistant.open(Settings(data=tmp_path / "data", chroma_url=url)) as suroo:
            with pytest.raises(StoreUnreachable, match="timed out"):
                suroo.add(TRADE)
            assert suroo.ask("Where was the trade agreement signed?").status == "answered"


class _Refuses(BaseHTTPRequestHandler):
    """Keeps what it was told in `Authorization` and lets nobody in."""

    told: list[str]

    def do_GET(self) -> None:
        self.told.append(self.headers.get("Authorization", ""))
        self.send_error(401)

    def log_message(self, *_: object) -> None:
        pass


def test_a_password_is_sent_and_never_shown(tmp_path: Path) -> None:
    _Refuses.told = []
    with HTTPServer(("127.0.0.1", 0), _Refuses) as refusing:
        threading.Thread(target=refusing.serve_forever, daemon=True).start()
        url = f"http://reader:s3cret@127.0.0.1:{refusing.server_port}"
        settings = Settings(data=tmp_path / "data", chroma_url=url)
        with Assistant.open(settings) as suroo, pytest.raises(StoreUnreachable, match="HTTP 401") as caught:
            suroo.add(TRADE)
        refusing.shutdown()
    assert set(_Refuses.told) == {"Basic cmVhZGVyOnMzY3JldA=="}
    said = "".join(traceback.format_exception(caught.value)) + caught.value.text("ru") + repr(settings)
    assert "s3cret" not in said
    with pytest.raises(BadSettings, match="SUROO_CHROMA_URL") as refused:
        Settings(chroma_url=url.replace("http", "ftp"))
    assert "s3cret" not in "".join(traceback.format_exception(refused.value))


def test_nobody_listens(tmp_path: Path) -> None:
    settings = Settings(data=tmp_path / "data", chroma_url=f"http://127.0.0.1:{free_port()}")
    with Assistant.open(settings) as suroo, pytest.raises(StoreUnreachable, match="refused"):
        suroo.add(TRADE)
