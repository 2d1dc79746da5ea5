"""Takes the picture of the report that the docs show, of the last `make eval`: `make screenshot-report`."""

from __future__ import annotations

import shutil
import sys
import tempfile
from pathlib import Path

from playwright.sync_api import sync_playwright

from evals.report import report_html
from evals.runs import read_run

OUT = Path(__file__).resolve().parent.parent / "docs" / "report.png"


def main(folder: Path) -> None:
    with tempfile.TemporaryDirectory() as scratch, sync_playwright() as playwright:
        page = Path(scratch) / "report.html"
        page.write_text(report_html(read_run(folder), "en"), "utf-8")
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=["--no-sandbox"])
        view = browser.new_page(viewport={"width": 1280, "height": 1580})
        view.goto(page.as_uri())
        view.click(".key[data-fault=left_out]")
        view.click(".case[data-fault=left_out] > summary")
        view.mouse.move(2, 2)
        view.evaluate("scrollTo(0, 0)")
        view.wait_for_timeout(300)
        view.screenshot(path=OUT)
        browser.close()


if __name__ == "__main__":
    main(Path(sys.argv[1]))
