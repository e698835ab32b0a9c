"""What is_sound says of a frame is what pandera says of it; what fails is set aside with its reason."""

import pandera.errors
import polars as pl
import pytest

from schemas import PART_TABLES
from schemas.runs import RejectedRows
from transforms.validate import is_sound, split_valid

# What no column of a type may hold, whatever its check: one of them is wrong wherever there is a check at all.
WRONG = {pl.String: ["", "?"], pl.Int64: [-1], pl.Float64: [-1.0, 2.0, float("nan")], pl.Boolean: [], pl.Date: [], pl.Datetime: []}


def says_pandera(frame: pl.DataFrame, model) -> bool:
    try:
        model.validate(frame, lazy=True)
    except pandera.errors.SchemaErrors:
        return False
    return True


@pytest.mark.parametrize("model", [model for model in PART_TABLES if model is not RejectedRows], ids=lambda model: model.table_name())
def test_it_agrees_with_pandera(sample_tables, model):
    sound = sample_tables[model.table_name()].head(3)
    assert is_sound(sound, model)
    assert says_pandera(sound, model)
    assert is_sound(sound.clear(), model)
    seen = set()
    for name, dtype in sound.schema.items():
        for value in [None, *WRONG[dtype.base_type()]]:
            wrong = sound.with_columns(pl.when(pl.int_range(pl.len()) == 1).then(pl.lit(value, dtype=dtype)).otherwise(pl.col(name)).alias(name))
            assert is_sound(wrong, model) == says_pandera(wrong, model), (name, value)
            seen.add(is_sound(wrong, model))
    assert False in seen
    assert not is_sound(pl.concat([sound, sound.tail(1)]), model)
    assert not is_sound(sound.cast({model.key()[0]: pl.Categorical}), model)


def test_a_row_that_fails_is_set_aside(sample_tables):
    models = tuple(model for model in PART_TABLES if model.table_name() in ("metrics", "rejected_rows"))
    metrics = sample_tables["metrics"].head(4).with_columns(
        basis=pl.when(pl.int_range(pl.len()) == 2).then(pl.lit("weekly")).otherwise("basis"),
        metric=pl.when(pl.int_range(pl.len()) == 3).then(None).otherwise("metric"),
    )  # fmt: skip
    tables = split_valid({"metrics": metrics}, "r", models)
    assert tables["metrics"].equals(sample_tables["metrics"].head(2))
    assert sorted(check.partition("(")[0] for check in tables["rejected_rows"]["check"]) == ["basis: isin", "metric: not_nullable"]
