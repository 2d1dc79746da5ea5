"""The shipped gold through models of known habits: `make drill-model`, or `python -m tests.drills.model`.

Beside the extractive path, against the floors of `make eval`: one that chooses sentences of its passages, and one that
knows the gold answers and writes those whose sources it was given. Then one for each invention: how much of what it
invented the checks called unsupported. Through the real client, over a server on loopback.
"""

from __future__ import annotations

import argparse
import tempfile
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from evals import runner
from evals.cases import HERE, Suite, suites
from evals.gate import gate, read_floors
from evals.metrics import METRICS
from evals.runs import Run
from rag import Settings
from tests.drills.scripted import INVENTIONS, Inventor, honest
from tests.fake_openai import KEY, MODEL, FakeOpenAI, Script, serve
from tests.test_eval_generative import Reader

FRAME = 60  # characters: what is measured is not the server's speed


@dataclass(frozen=True)
class Caught:
    """Of `written` invented sentences that were shown or removed, how many were called what."""

    verdicts: Counter[str]

    @property
    def written(self) -> int:
        return self.verdicts.total()

    def share(self, verdict: str) -> float:
        return self.verdicts[verdict] / self.written if self.written else 0.0


def ask(fake: FakeOpenAI, script: Script, chosen: Sequence[Suite], out: Path, limit: int | None = None) -> Run:
    """A run of `chosen`, answered by a model that writes by `script`."""
    fake.script, fake.piece = script, FRAME
    settings = Settings(chat_model=MODEL, openai_base_url=fake.url, openai_api_key=KEY)
    return runner.run(chosen, settings, out, limit=limit)


def caught(run: Run, inventor: Inventor) -> Caught:
    """What the checks said of the sentences that `inventor` wrote."""
    verdicts: Counter[str] = Counter()
    for row in run.rows:
        for sentence in row.answer.sentences if row.answer else ():
            if sentence.text.rstrip(".") in {text.rstrip(".") for text in inventor.written}:
                verdicts[sentence.support or "unclaimed"] += 1
    return Caught(verdicts)


def main(arguments: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.drills.model", description=__doc__.split("\n")[0])
    parser.add_argument("--limit", type=int, help="only the first so many cases of each file")
    options = parser.parse_args(arguments)
    server = serve()
    fake = next(server)
    with tempfile.TemporaryDirectory() as scratch:
        out = Path(scratch)
        shipped = suites()
        quoted = runner.run(shipped, Settings(), out / "quoted", limit=options.limit)
        chosen = ask(fake, honest, shipped, out / "honest", options.limit)
        reader = Reader([case for suite in shipped for case in suite.cases])
        known = ask(fake, reader, shipped, out / "reader", options.limit)
        runs = {"quoted": quoted, "chooses": chosen, "knows": known}
        for suite in quoted.summary["suites"]:
            print(f"{suite:<24}" + "".join(f"{name:>10}" for name in runs))
            means = [run.summary["suites"][suite] for run in runs.values()]
            for name in METRICS:
                if all(name in found for found in means):
                    print(f"  {name:<22}" + "".join(f"{found[name]['mean']:>10.3f}" for found in means))
        for name, run in runs.items():
            ruling = gate(run, read_floors(HERE / "floors.toml"))
            print(f"floors, {name}: {ruling.floors - len(ruling.reasons)} of {ruling.floors} hold")
            for reason in ruling.reasons:
                print(f"  {reason.code} {reason.values}")
        print(f"{'':<16}{'sentences':>10}{'unsupported':>13}{'weak':>10}{'supported':>11}")
        for name, change in INVENTIONS.items():
            inventor = Inventor(change)
            run = ask(fake, inventor, shipped, out / name.replace(" ", "-"), options.limit)
            found = caught(run, inventor)
            shares = [found.share(verdict) for verdict in ("unsupported", "weak", "supported")]
            print(f"{name:<16}{found.written:>10}{shares[0]:>13.1%}{shares[1]:>10.1%}{shares[2]:>11.1%}")
    server.close()


if __name__ == "__main__":
    main()
