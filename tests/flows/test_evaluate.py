"""The evaluation itself on labels that the eye can check, and the floors that the real labels have to reach."""

import gzip
import json
from pathlib import Path

import pytest

from flows.evaluate import Score, evaluate, hold_floors, list_misses
from flows.steps import Settings, run_directly
from warehouse import publish

SHARED = Path(__file__).parents[3] / "shared"
FLOORS = json.loads((Path(__file__).parents[1] / "eval" / "floors.json").read_text(encoding="utf-8"))


def write_lines(path: Path, rows: list[dict]) -> None:
    path.write_text("".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows), encoding="utf-8")


def test_scores_are_what_they_say():
    score = Score(met=3, labels=4, right=3, rows=6)
    assert (score.recall, score.precision, round(score.f1, 3)) == (0.75, 0.5, 0.6)
    assert Score(0, 0, 0, 0).f1 == 0.0


def test_floors_name_what_fell_short():
    assert hold_floors({"blocks": {"f1": 0.9}}, {"blocks.f1": 0.9}) == []
    assert hold_floors({"blocks": {"f1": 0.8}}, {"blocks.f1": 0.9, "metrics.typed.f1": 0.5}) == ["blocks.f1 is 0.8, floor 0.9", "metrics.typed.f1 is not measured, floor 0.5"]


def test_labels_that_agree_with_the_tables_score_one_and_others_do_not(tmp_path):
    sample = "portal_moutai_2023"
    run_directly(Settings((f"seeds/documents/{sample}.txt",), tmp_path / "w"))
    gold = tmp_path / "gold"
    gold.mkdir()
    with publish.connect(tmp_path / "w") as con:
        blocks = con.sql("SELECT start_char AS start, end_char AS end, kind, is_kept AS keep FROM blocks").pl().to_dicts()
        metrics = con.sql("SELECT start_char AS start, end_char AS end, metric, basis, value, low, high, unit, entity, period, modality FROM metrics").pl().to_dicts()
        write_lines(gold / "blocks_a.jsonl", [row | {"doc": sample} for row in blocks])
        write_lines(gold / "metrics_a.jsonl", [row | {"doc": sample} for row in metrics])
        scores = evaluate(con, gold)
        assert scores["blocks"]["f1"] == 1.0
        assert scores["metrics.full"]["f1"] == 1.0
        write_lines(gold / "blocks_a.jsonl", [row | {"doc": sample, "keep": not row["keep"]} for row in blocks])
        write_lines(gold / "metrics_a.jsonl", [row | {"doc": sample, "period": "1999"} for row in metrics])
        scores = evaluate(con, gold)
        assert scores["blocks"]["f1"] == 0.0
        assert scores["metrics.typed"]["f1"] == 1.0
        assert scores["metrics.full"]["f1"] == 0.0


@pytest.mark.parametrize("name", ["own", "open"])
def test_the_articles_of_our_own_reach_their_floors(name, tmp_path):
    run_directly(Settings((f"tests/eval/{name}/documents",), tmp_path / "w"))
    with publish.connect(tmp_path / "w") as con:
        assert hold_floors(evaluate(con, Path("tests/eval") / name), FLOORS[name]) == []


def test_a_miss_names_the_figure_the_field_and_both_answers(tmp_path):
    run_directly(Settings(("seeds/documents/portal_moutai_2023.txt",), tmp_path / "w"))
    gold = tmp_path / "gold"
    gold.mkdir()
    with publish.connect(tmp_path / "w") as con:
        labels = con.sql("SELECT start_char AS start, end_char AS end, quote AS text, metric, basis, value, low, high, unit, entity, period, modality FROM metrics ORDER BY start_char").pl().to_dicts()
        labels = [label | {"doc": "portal_moutai_2023"} for label in labels]
        first, second, *others = labels
        write_lines(gold / "metrics_a.jsonl", [first | {"period": "1999"}, *others])
        misses = list_misses(con, gold)
    assert [(miss["text"], miss["field"]) for miss in misses] == [(first["text"], "period"), (second["text"], "extra")]
    assert (misses[0]["wanted"], misses[0]["found"]) == ("1999", first["period"])


@pytest.mark.skipif(not SHARED.exists(), reason="the texts of the labels are not here")
def test_the_real_articles_reach_their_floors(tmp_path):
    labels = Path("tests/eval/real")
    (tmp_path / "texts").mkdir()
    named = json.loads((labels / "ids.json").read_text(encoding="utf-8"))
    texts = {file.name.partition(".")[0]: read_named(file, {article for _, article in named.values()}) for file in (SHARED / "corpus").glob("*.jsonl*")}
    for slug, (corpus, article) in named.items():
        (tmp_path / "texts" / f"{slug}.txt").write_bytes(texts[corpus][article].encode())
    run_directly(Settings((str(tmp_path / "texts"),), tmp_path / "w"))
    with publish.connect(tmp_path / "w") as con:
        assert hold_floors(evaluate(con, labels), FLOORS["real"]) == []


def read_named(file, ids):
    """Return the texts of a corpus by their ids."""
    with (gzip.open if file.suffix == ".gz" else open)(file, "rt", encoding="utf-8") as lines:
        return {row["id"]: row["text"] for row in map(json.loads, lines) if row["id"] in ids}


@pytest.mark.skipif(not SHARED.exists(), reason="the labelled articles are not here")
def test_the_labelled_seeds_reach_their_floors(tmp_path):
    run_directly(Settings((str(SHARED / "seeds"),), tmp_path / "w"))
    with publish.connect(tmp_path / "w") as con:
        assert hold_floors(evaluate(con, SHARED / "eval" / "gold_seeds"), FLOORS["gold_seeds"]) == []


@pytest.mark.skipif(not SHARED.exists(), reason="the labelled articles are not here")
def test_the_labelled_company_news_reach_their_floors(tmp_path):
    gold = SHARED / "eval" / "gold_finance"
    names = {article: name for name, article in json.loads((gold / "ids.json").read_text(encoding="utf-8")).items()}
    articles = tmp_path / "articles"
    articles.mkdir()
    for line in (SHARED / "corpus" / "finance_dev.jsonl").read_text(encoding="utf-8").splitlines():
        row = json.loads(line)
        if row["id"] in names:
            (articles / f"{names[row['id']]}.txt").write_bytes(row["text"].encode())
    run_directly(Settings((str(articles),), tmp_path / "w"))
    with publish.connect(tmp_path / "w") as con:
        assert hold_floors(evaluate(con, gold), FLOORS["gold_finance"]) == []
