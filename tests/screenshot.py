"""Takes the picture of the page that the README shows: `make screenshot`."""

from __future__ import annotations

import shutil
import tempfile
from pathlib import Path

from playwright.sync_api import sync_playwright

from rag import Assistant, Settings
from rag.cli import SAMPLES
from ui.app import Server

OUT = Path(__file__).resolve().parent.parent / "docs" / "page.png"
QUESTIONS = [
    "Сколько документов было подписано на деловой встрече и на какую сумму?",
    "How many new enterprises opened in Kyrgyzstan in 2025?",
]


def main() -> None:
    with tempfile.TemporaryDirectory() as data, Assistant.open(Settings(data=Path(data))) as suroo:
        suroo.add(SAMPLES, sample=True)
        server = Server(suroo, "127.0.0.1", 0)
        with sync_playwright() as playwright:
            browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=["--no-sandbox"])
            view = browser.new_page(viewport={"width": 1280, "height": 760}, locale="en-US")
            view.goto(server.url)
            view.wait_for_selector("#past .blank")
            for n, question in enumerate(QUESTIONS, 1):
                view.fill("#question textarea", question)
                view.press("#question textarea", "Enter")
                view.wait_for_selector(f"#past #turn-{n}")
            view.click("#chat a.citation[href='#src-2-1']")
            view.wait_for_timeout(800)
            view.screenshot(path=OUT)
            browser.close()
        server.close()


if __name__ == "__main__":
    main()
