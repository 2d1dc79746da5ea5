"""`suroo eval compare` and `gate`: on runs made by hand, so that every figure can be worked out."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from evals.compare import compare
from evals.gate import gate, read_floors, renewed, write_floors
from evals.runs import Row, line_of, read_run, summarise, write_json
from evals.statistics import difference, estimate
from rag import Case
from rag.cli import main
from rag.errors import BadFloors

Make = Callable[..., Path]
ROOT = Path(__file__).resolve().parent.parent


def row(name: str, error: str | None = None, question: str = "What?", **scores: float) -> Row:
    case = Case(name, "en", question, kind="number" if name < "e" else "date")
    return Row(name, "region", "en→ru", case, None, [], error, "2026-01-01", {}, dict(scores), {"correct": "− 300 MW"})


@pytest.fixture
def make(tmp_path: Path) -> Make:
    """Writes a run of these rows."""

    def made(name: str, *rows: Row) -> Path:
        folder = tmp_path / name
        folder.mkdir()
        write_json(folder / "config.json", {"hash": name})
        (folder / "cases.jsonl").write_bytes(b"".join(map(line_of, rows)))
        write_json(folder / "summary.json", summarise(rows, {"hash": name}))
        return folder

    return made


def suroo(*arguments: str | Path, code: int = 0) -> Result:
    result = CliRunner().invoke(main, ["eval", *map(str, arguments)])
    assert result.exit_code == code, result.output
    return result


def test_the_difference_of_two_means() -> None:
    same = difference([1.0, 0.0, 1.0], [1.0, 0.0, 1.0], ["a", "b", "c"])
    assert same is not None
    assert (same.before, same.after, same.change, same.low, same.high, same.n) == (2 / 3, 2 / 3, 0, 0, 0, 3)
    assert not same.significant
    one = difference([1.0] * 20, [0.0] + [1.0] * 19, [str(n) for n in range(20)])
    assert one is not None
    assert one.change == pytest.approx(-0.05)
    assert one.high == 0.0
    assert not one.significant
    all_worse = difference([1.0] * 20, [0.5] * 20, [str(n) for n in range(20)])
    assert all_worse is not None
    assert (all_worse.low, all_worse.high) == (-0.5, -0.5)
    assert all_worse.significant


def test_a_difference_where_the_runs_measure_other_cases() -> None:
    """As with the precision of refusals: each mean is of what its own run refused."""
    found = difference([1.0, 1.0, None, None], [1.0, 1.0, 0.0, 0.0], list("abcd"))
    assert found is not None
    assert (found.before, found.after, found.change, found.n) == (1.0, 0.5, -0.5, 4)
    assert difference([None, None], [1.0, 1.0], list("ab")) is None


def test_the_two_of_a_pair_are_drawn_together() -> None:
    values = [1.0, 1.0, 0.0, 0.0] * 5
    apart = estimate(values, [str(n) for n in range(20)])
    paired = estimate(values, [str(n // 2) for n in range(20)])
    assert (apart.mean, paired.mean) == (0.5, 0.5)
    assert paired.high - paired.low > 1.2 * (apart.high - apart.low)


def test_flipped_cases_come_first_and_the_worse_before_the_better(make: Make) -> None:
    a = make("a", row("a", correct=1.0), row("b", correct=1.0), row("c", correct=0.0), row("e", correct=1.0))
    b = make("b", row("a", correct=1.0), row("b", correct=0.0), row("c", correct=1.0), row("e", correct=0.0))
    found = compare(read_run(a), read_run(b))
    assert [(flip.id, flip.better) for flip in found.flipped] == [("b", False), ("e", False), ("c", True)]
    assert found.measures["correct"].change == pytest.approx(-0.25)
    assert found.kinds["number"]["correct"].change == 0
    assert found.kinds["date"]["correct"].change == -1
    assert found.languages["en→ru"]["correct"].n == 4
    lines = suroo("compare", a, b).stdout.splitlines()
    assert lines[2] == "Flipped in “correct”: 2 worse, 1 better"
    assert lines[3].strip() == "− 1.00 → 0.00  b (number, en→ru): What? — − 300 MW"
    printed = json.loads(suroo("compare", a, b, "--json").stdout)
    assert printed["measures"]["correct"]["before"] == 0.75
    assert printed["same_gold"] is True


def test_runs_over_other_gold_are_compared_on_what_they_share(make: Make) -> None:
    a = make("a", row("a", correct=1.0), row("b", correct=0.0), row("c", correct=0.0))
    b = make("b", row("b", correct=1.0), row("c", question="Another?", correct=1.0), row("d", correct=1.0))
    found = compare(read_run(a), read_run(b))
    assert (found.shared, found.only_a, found.only_b, found.changed) == (1, 1, 1, 1)
    assert (found.measures["correct"].before, found.measures["correct"].after) == (0.0, 1.0)
    said = suroo("compare", a, b).stdout
    assert "Left out: 1 only in the first run, 1 only in the second, 1 that were changed" in said
    assert "no case in common" in suroo("compare", a, make("other", row("z", correct=1.0))).stdout


def test_what_is_printed_does_not_steer_the_terminal(make: Make) -> None:
    a, b = (make(x, row("a", question="x\x1b[2J\u202ey\nz", correct=float(x == "a"))) for x in "ab")
    said = suroo("compare", a, b).stdout
    assert "x [2J y z" in said
    assert "\x1b" not in said


def test_a_measure_that_there_is_not(make: Make) -> None:
    a = make("a", row("a", correct=1.0))
    assert "recall@5" in suroo("compare", a, a, "--measure", "nonsense", code=2).stderr


@pytest.fixture
def floors(tmp_path: Path) -> Callable[[str], Path]:
    def write(text: str) -> Path:
        path = tmp_path / "floors.toml"
        path.write_text(text, "utf-8")
        return path

    return write


HALF = (row("a", correct=1.0, forbidden_facts=0.0), row("b", correct=0.0, forbidden_facts=0.5))


def test_the_gate_holds(make: Make, floors: Callable[[str], Path]) -> None:
    run, file = make("run", *HALF), floors("[region]\ncorrect = 0.5\nforbidden_facts = 0.25\n")
    assert "2 floors kept" in suroo("gate", run, "--floor", file, "--baseline", run).stdout
    assert json.loads(suroo("gate", run, "--floor", file, "--json").stdout)["holds"] is True


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("[region]\ncorrect = 0.51", "region: correct is 0.500, below the floor of 0.510"),
        ("[region]\nforbidden_facts = 0.2", "region: forbidden_facts is 0.250, above the ceiling of 0.200"),
        ("[region]\nparity = 0.1", "region: the run has no parity, which has a limit of 0.100"),
        ("[seeds]\ncorrect = 0.1", "seeds: the run has no correct"),
    ],
)
def test_a_floor_that_is_missed_is_exit_3_with_the_reason(
    make: Make, floors: Callable[[str], Path], text: str, reason: str
) -> None:
    assert reason in suroo("gate", make("run", *HALF), "--floor", floors(text), code=3).stderr


def test_what_is_significantly_worse_than_the_baseline_is_exit_3(make: Make, floors: Callable[[str], Path]) -> None:
    good = make("good", *(row(str(n), correct=1.0, self_check=1.0) for n in range(20)))
    one = make("one", *(row(str(n), correct=float(n > 0), self_check=0.0) for n in range(20)))
    bad = make("bad", *(row(str(n), correct=float(n > 9), self_check=0.0) for n in range(20)))
    file = floors("[region]\ncorrect = 0.1")
    suroo("gate", one, "--floor", file, "--baseline", good)  # one case of twenty may be chance
    said = suroo("gate", bad, "--floor", file, "--baseline", good, code=3).stderr
    assert "correct is significantly worse than in the baseline: 1.000 → 0.500" in said
    assert "self_check" not in said  # quoting makes it 1: it never decides
    suroo("gate", good, "--floor", file, "--baseline", bad)
    other = make("other", row("z", correct=1.0))
    assert "no case in common" in suroo("gate", good, "--floor", file, "--baseline", other, code=3).stderr


def test_a_crashed_case_is_a_reason(make: Make, floors: Callable[[str], Path]) -> None:
    run = make("run", row("a", correct=1.0), row("b", error="ValueError: boom", correct=0.0))
    assert "1 case crashed: b" in suroo("gate", run, "--floor", floors("[region]\ncorrect = 0.1"), code=3).stderr


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("[region]\nself_check = 1.0", "never decided by"),
        ("[region]\nnonsense = 1.0", "no measure “nonsense”"),
        ("[region]\ncorrect = 61", "number from 0 to 1"),
        ("[region]\ncorrect = nan", "number from 0 to 1"),
        ("[region]\ncorrect = true", "number from 0 to 1"),
        ("correct = 0.5", "outside of a suite"),
        ("", "no floor"),
        ("[region", "can't be read"),
    ],
)
def test_a_file_of_floors_that_is_none(make: Make, floors: Callable[[str], Path], text: str, problem: str) -> None:
    assert problem in suroo("gate", make("run", *HALF), "--floor", floors(text), code=1).stderr


def test_floors_are_set_anew_a_little_under_what_was_measured(make: Make, floors: Callable[[str], Path]) -> None:
    run = make("run", *(replace(r, scores=r.scores | {"recall@5": 1.0, "status": 0.01}) for r in HALF))
    file = floors(
        '[region]\ncorrect = 0.1\nforbidden_facts = 0.9\n"recall@5" = 0.2\nstatus = 0.5\n["a b"]\nparity = 0.4'
    )
    assert str(file) in suroo("gate", run, "--floor", file, "--renew").stdout
    set_anew = {"correct": 0.48, "forbidden_facts": 0.27, "recall@5": 1.0, "status": 0.0}
    assert read_floors(file) == {"region": set_anew, "a b": {"parity": 0.4}}
    assert gate(read_run(run), {"region": set_anew}).holds
    assert renewed(read_floors(file), read_run(run)) == read_floors(file)
    write_floors(file, read_floors(file))
    assert read_floors(file)["region"] == set_anew


def test_the_floors_that_ship_are_of_the_suites_that_ship() -> None:
    from evals.cases import SHIPPED

    assert read_floors(ROOT / "evals" / "floors.toml").keys() <= {path.stem for path, _ in SHIPPED}
    with pytest.raises(BadFloors):
        read_floors(ROOT / "evals" / "nowhere.toml")
