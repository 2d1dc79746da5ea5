"""What an answer costs beyond the model's own time: `make bench-model`, or `python -m tests.drills.overhead`.

A library of made-up passages, and a server on loopback whose model writes three sentences at a steady pace. Overhead is
the time of the whole answer less the time from the server's getting the request to its sending the last frame: search,
evidence, prompt, the client, the checks that were not done while the model wrote. For the first sentence: how long it
is shown after its last letter was sent, and how much more the model had sent by then.
"""

from __future__ import annotations

import argparse
import re
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from evals.bench_index import Generator
from rag import Answer, Assistant, Document, Sentence, Settings
from rag.bilingual.table import shipped
from tests.fake_openai import KEY, MODEL, FakeOpenAI, serve

FRAME = 12  # characters
PACE_S = 0.01  # a hundred frames a second: some 300 tokens
SENTENCES = 3
_PASSAGE = re.compile(r'<passage key="(\w+)" .*?>\n(.*?)\n</passage>', re.S)


@dataclass(frozen=True)
class Taken:
    """One question, times in ms: all but the model; until it was asked; after it was done; the first sentence's delay.

    `ahead` is how much the model had sent beyond the first sentence when it was shown, as a share of the second.
    """

    overhead: float
    before: float
    after: float
    delay: float
    ahead: float


def copied(messages: list[dict[str, str]]) -> str:
    """The first sentences of the first passage, cited."""
    [key, text], *_ = _PASSAGE.findall(messages[1]["content"])
    return " ".join(f"{s}. [{key}]" for s in text.rstrip(".").split(". ")[:SENTENCES])


def fill(suroo: Assistant, passages: int) -> list[str]:
    """Add made-up documents until there are so many passages; give questions, each the words of a sentence in one."""
    generator = Generator(shipped())
    documents, asked = [], []
    for n in range(passages // 10):
        language = "ru" if n % 2 else "en"
        sentences = [generator.sentence(language) for _ in range(70)]
        paragraphs = [" ".join(sentences[at : at + 7]) for at in range(0, 70, 7)]
        documents.append(Document(id=f"d{n}", title=f"Report {n}", text="\n\n".join(paragraphs), language=language))
        asked.append(" ".join(sentences[n % 70].rstrip(".").split()[:8]) + "?")
    suroo.add(documents)
    return asked


def ask(suroo: Assistant, fake: FakeOpenAI, question: str) -> Taken | None:
    """One question; None where the model was not asked, did not write the sentences, or had one sent back."""
    fake.requests.clear()
    started = time.perf_counter()
    shown: list[tuple[float, Sentence]] = []
    for event in suroo.stream(question).events():
        if isinstance(event, Sentence):
            shown.append((time.perf_counter(), event))
    ended = time.perf_counter()
    assert isinstance(event, Answer)
    if event.status != "answered" or len(shown) != SENTENCES or len(fake.requests) > 1:
        return None
    asked, *frames = fake.clock
    reply = copied(fake.requests[-1]["messages"])
    first, second = (part.end() for part in list(re.finditer(r"\[\w+\]", reply))[:2])
    sent = sum(at <= shown[0][0] for at in frames) * FRAME
    return Taken(
        overhead=1000 * ((ended - started) - (frames[-1] - asked)),
        before=1000 * (asked - started),
        after=1000 * (ended - frames[-1]),
        delay=1000 * (shown[0][0] - frames[(first - 1) // FRAME]),
        ahead=(sent - first) / (second - first),
    )


def measure(passages: int, questions: int) -> tuple[int, list[Taken]]:
    """The passages that there were, and what each question took."""
    server = serve()
    fake = next(server)
    fake.script, fake.piece, fake.pace_s = copied, FRAME, PACE_S
    with tempfile.TemporaryDirectory() as scratch:
        settings = Settings(data=Path(scratch), chat_model=MODEL, openai_base_url=fake.url, openai_api_key=KEY)
        with Assistant.open(settings) as suroo:
            asked = fill(suroo, passages)
            count = sum(entry.passages for entry in suroo.list())
            step = max(1, len(asked) // questions)
            taken = [ask(suroo, fake, question) for question in asked[::step][: questions + 3]]
    server.close()
    return count, [one for one in taken[3:] if one]


def main(arguments: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.drills.overhead", description=__doc__.split("\n")[0])
    parser.add_argument("passages", nargs="?", type=int, default=10_000)
    parser.add_argument("--questions", type=int, default=200)
    options = parser.parse_args(arguments)
    count, taken = measure(options.passages, options.questions)
    print(f"{count:,} passages, {len(taken)} answers{'p50':>18}{'p95':>10}{'max':>10}")
    for name in ("overhead", "before", "after", "delay", "ahead"):
        values = [getattr(one, name) for one in taken]
        p50, p95 = np.quantile(values, [0.5, 0.95])
        unit = "of a sentence" if name == "ahead" else "ms"
        label = f"{name}, {unit}"
        print(f"{label:<36}{p50:>10.2f}{p95:>10.2f}{max(values):>10.2f}")


if __name__ == "__main__":
    main()
