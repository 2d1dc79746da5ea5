"""The translation table: training, reading, what a question becomes, vectors."""

from __future__ import annotations

import io
import itertools
from pathlib import Path

import numpy as np
import pytest

from rag.bilingual.concepts import concepts, index_terms
from rag.bilingual.table import TranslationTable, shipped
from rag.bilingual.train import main, model1
from rag.bilingual.vectors import TableVectors
from rag.errors import BadTable
from rag.text.words import stem


def terms_of(question: str, surface: str) -> dict[str, float]:
    return next(c.terms for c in concepts(question, shipped()) if c.surface == surface)


def test_model1_learns_who_translates_whom() -> None:
    """The textbook example: the house / das Haus, the book / das Buch, a book / ein Buch."""
    the, house, book, a, das, haus, buch, ein = range(8)
    given = [[the, house], [the, book], [a, book]]
    made = [[das, haus], [das, buch], [ein, buch]]
    pairs, p = model1(given, made, [1.0] * 3, 9, rounds=20)
    best = {int(k) // 9: int(k) % 9 for k, _ in sorted(zip(pairs, p, strict=True), key=lambda x: x[1])}
    assert best == {the: das, house: haus, book: buch, a: ein}
    sums = {g: sum(float(v) for k, v in zip(pairs, p, strict=True) if k // 9 == g) for g in (the, house, book, a)}
    assert all(total == pytest.approx(1, abs=1e-5) for total in sums.values())


def test_training_is_a_command_and_deterministic(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    pairs = tmp_path / "pairs.tsv"
    pairs.write_text("".join(f"made_up\tthe blorp number {i}\tблорпик номер {i}\n" for i in range(9)), "utf-8")
    lexicon, sentences = tmp_path / "lexicon.tsv", tmp_path / "sentences.tsv"
    lexicon.write_text("treaty; accord\tдоговор; мирный договор\tdiplomacy\n", "utf-8")
    sentences.write_text("A treaty was signed.\tПодписан договор.\tdiplomacy\n", "utf-8")
    fields = tmp_path / "fields.tsv"
    fields.write_text("treaty\tpeace; border\tдоговор; граница\n", "utf-8")
    tables = [tmp_path / "a.npz", tmp_path / "b.npz"]
    for table in tables:
        own = ["--lexicon", str(lexicon), "--sentences", str(sentences), "--fields", str(fields)]
        main([str(pairs), str(table), "--weight", "made_up=0.5", *own])
    assert tables[0].read_bytes() == tables[1].read_bytes()
    assert "MB" in capsys.readouterr().out
    trained = TranslationTable.load(tables[0])
    assert trained.manifest["pairs"]["made_up"] == 9
    assert stem("блорпик") in dict(trained.translations(stem("blorp")))
    assert dict(trained.translations(stem("treaty")))[stem("договор")] > 0.2
    assert dict(trained.translations(stem("treaty")))[stem("accord")] == pytest.approx(0.3, abs=0.02)  # a synonym
    # The nearest of its own side weighs .6, the farthest .25, those of the other side seven tenths of that; a sure
    # translation of the headword stands for it.
    steps = pytest.approx
    assert dict(trained.related(stem("treaty"))) == {
        stem("peace"): steps(0.6, abs=0.02), stem("border"): steps(0.25, abs=0.02),
        stem("договор"): steps(0.42, abs=0.02), stem("граница"): steps(0.175, abs=0.02),
    }  # fmt: skip
    assert stem("граница") in dict(trained.related(stem("договор")))
    assert trained.related("zzzzqq") == []


def test_a_bad_line_is_named(tmp_path: Path) -> None:
    bad = tmp_path / "pairs.tsv"
    bad.write_text("s\tone\tодин\ns\tonly two fields\n", "utf-8")
    with pytest.raises(ValueError, match="line 2: 2 tab-separated fields"):
        main([str(bad), str(tmp_path / "t.npz")])


def test_the_shipped_table() -> None:
    table = shipped()
    assert stem("president") in dict(table.translations(stem("президент")))
    assert stem("президент") in dict(table.translations(stem("president")))
    assert table.rarity(stem("government")) < table.rarity(stem("hydropower")) <= table.rarity("zzzzqq") == 1.0
    assert table.translations("zzzzqq") == []
    size = (Path(__file__).parent.parent / "rag/bilingual/table.npz").stat().st_size
    assert size <= 3_000_000


def test_an_unknown_word_backs_off_to_its_prefix() -> None:
    table = shipped()
    known = dict(table.translations(stem("кооператив")))
    backed_off = dict(table.translations(stem("кооператив") + "щщщ"))
    assert backed_off
    assert all(backed_off[other] == pytest.approx(known[other] * 0.6) for other in backed_off)


@pytest.mark.parametrize("data", [b"", b"not a table", b"PK\x03\x04 broken"])
def test_a_bad_table_is_refused(data: bytes) -> None:
    with pytest.raises(BadTable):
        TranslationTable.load(io.BytesIO(data))


def test_concepts() -> None:
    question = "Когда Жапаров подписал 19 документов?"
    found = concepts(question, shipped())
    assert [c.surface for c in found] == ["Жапаров", "подписал", "19", "документов"]
    assert all(question[c.start : c.end] == c.surface for c in found)
    assert [c.name for c in found] == [True, False, True, False]
    assert "~jprv" in terms_of(question, "Жапаров")
    assert terms_of(question, "документов")[stem("document")] > 0.5
    assert terms_of(question, "19") == {"#19": 1.0}


def test_a_date_is_also_its_month_and_year() -> None:
    assert terms_of("What happened on 7 February 2025?", "7 February 2025") == {
        "@2025-02-07": 1.0, "@-02-07": 0.5, "@2025-02": 0.5, "@2025": 0.25,
    }  # fmt: skip


def test_vectors_join_the_languages() -> None:
    vectors = TableVectors(shipped())
    same = [
        ("The ministers signed an agreement on trade", "Министры подписали соглашение о торговле"),
        ("Two power plants will be built near the border", "Две электростанции построят у границы"),
        ("Artists performed at a music festival", "Артисты выступили на музыкальном фестивале"),
    ]
    embedded = [(vectors.embed(e), vectors.embed(r)) for e, r in same]
    for (english, _), (_, russian) in itertools.product(embedded, repeat=2):
        assert np.linalg.norm(english) == pytest.approx(1, abs=1e-5)
        own = next(float(e @ r) for e, r in embedded if e is english)
        assert own >= float(english @ russian)
    assert not vectors.embed("…").any()
    assert np.array_equal(vectors.embed("trade"), TableVectors(shipped()).embed("trade"))
    with pytest.raises(ValueError, match="multiple of 8"):
        TableVectors(shipped(), 100)


def test_vectors_are_the_same_in_any_company() -> None:
    """Made one at a time or many, with what was kept of others or without: the same to the last bit."""
    texts = [
        "Trade, trade and trade again: $700 million on 7 February 2025.",
        "Товарооборот вырос на 12 % в мае; Zzyzx, Жапаров и многовекторность.",
        "",
        "The bridge in Osh opened in 2019, and the bridge in Naryn did not.",
    ] * 40
    vectors = TableVectors(shipped())
    together = vectors.embed_all(index_terms(text) for text in texts)
    again = vectors.embed_all(index_terms(text) for text in texts[::-1])
    assert np.array_equal(together, again[::-1])
    assert np.array_equal(together, np.stack([TableVectors(shipped()).embed(text) for text in texts[:4]] * 40))
