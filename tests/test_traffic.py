"""Work on documents gives way to questions in the same process."""

from __future__ import annotations

import sys
import threading

import pytest

from rag.traffic import Traffic


def test_work_waits_while_a_question_is_answered(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("rag.traffic.LONGEST_S", 60.0)
    traffic = Traffic()
    traffic.give_way()  # nobody asks
    said: list[str] = []

    def work() -> None:
        traffic.give_way()
        said.append("worked")

    with traffic.asking():
        assert traffic.busy
        worker = threading.Thread(target=work)
        worker.start()
        said.append("answered")
    worker.join()
    assert said == ["answered", "worked"]


def test_work_goes_on_under_any_load(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("rag.traffic.LONGEST_S", 0.001)
    traffic = Traffic()
    with traffic.asking():
        traffic.give_way()  # comes back


def test_the_switch_interval_is_put_back() -> None:
    before = sys.getswitchinterval()
    with Traffic().working():
        assert sys.getswitchinterval() < before
    assert sys.getswitchinterval() == before
