"""The samples of seeds/documents, whole: what is kept, who speaks, what is repaired, what is stated.

`pytest tests/test_golden.py --update-golden` rewrites the expectations; read the diff before committing it.
"""

from pathlib import Path

import polars as pl
import pytest
from polars.testing import assert_frame_equal

from schemas import Table
from schemas.blocks import Blocks, Repairs, Turns
from schemas.quantities import Metrics

GOLDEN = Path(__file__).parent / "golden"
SAMPLES = sorted(path.name for path in (Path(__file__).parents[1] / "seeds" / "documents").iterdir())
# doc_id is left out: it is the same on every row, and a fixed typo in a sample should change the rows it concerns only.
COLUMNS: dict[type[Table], list[str]] = {
    Blocks: ["block_no", "start_char", "end_char", "kind", "is_kept", "rule_id", "turn_no", "text"],
    Turns: ["turn_no", "question_no", "role", "speaker", "start_char", "end_char"],
    Repairs: ["start_char", "end_char", "quote", "correction", "kind", "is_applied"],
    Metrics: [
        "start_char", "quote", "entity", "segment", "metric", "basis", "accounting", "value", "low", "high", "unit", "hedge",
        "period", "modality", "speaker",
    ],
}  # fmt: skip


@pytest.mark.parametrize("sample", SAMPLES)
@pytest.mark.parametrize("model", COLUMNS, ids=lambda model: model.table_name())
def test_sample_gives_the_golden_rows(sample, model, sample_tables, request):
    columns = COLUMNS[model]
    documents = sample_tables["documents"].filter(pl.col("source_path").str.ends_with(sample))
    assert documents.height == 1, f"{sample} was not read"
    found = sample_tables[model.table_name()].filter(pl.col("doc_id") == documents["doc_id"][0])
    found = found.sort(["start_char", *(["metric", "basis"] if model is Metrics else [])]).select(columns)
    path = GOLDEN / sample / f"{model.table_name()}.csv"
    if request.config.getoption("--update-golden"):
        path.parent.mkdir(parents=True, exist_ok=True)
        found.write_csv(path)
    expected = pl.read_csv(path, schema={name: model.polars_schema()[name] for name in columns})
    assert_frame_equal(found, expected)


def test_no_golden_is_left_without_its_sample():
    assert sorted(path.name for path in GOLDEN.iterdir()) == SAMPLES
