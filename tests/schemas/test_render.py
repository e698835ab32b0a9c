import duckdb
import pytest

import schemas
from flows.cli import DICTIONARY, dictionary_text
from schemas.render import render_ddl, to_arrow

MODELS = [*schemas.TABLES, *schemas.VIEWS]


def test_the_dictionary_is_what_the_models_say():
    assert DICTIONARY.read_text(encoding="utf-8") == dictionary_text(), "run: caibao dictionary --write"


@pytest.mark.parametrize("model", MODELS, ids=lambda model: model.table_name())
def test_every_table_and_column_is_described(model):
    assert model.__doc__
    for name, column in model.to_schema().columns.items():
        assert column.description, f"{model.table_name()}.{name} has no description"


@pytest.mark.parametrize("model", schemas.TABLES, ids=lambda model: model.table_name())
def test_ddl_makes_the_table_with_its_constraints_and_comments(model):
    with duckdb.connect() as con:
        con.execute(render_ddl(model))
        columns = con.execute("SELECT column_name, is_nullable, comment FROM duckdb_columns() WHERE NOT internal ORDER BY column_index").fetchall()
    schema = model.to_schema()
    assert columns == [(name, column.nullable, column.description) for name, column in schema.columns.items()]


def test_constraints_hold():
    with duckdb.connect() as con:
        con.execute(render_ddl(schemas.blocks.Marks))
        insert = "INSERT INTO marks VALUES ('0123456789abcdef', 0, 1, 'rule', ?, ?, true, 'why', NULL)"
        con.execute(insert, ["body", 1.0])
        for values in (["nonsense", 1.0], ["body", 1.5], ["body", None]):
            with pytest.raises(duckdb.ConstraintException):
                con.execute(insert, values)


@pytest.mark.parametrize("model", schemas.PART_TABLES, ids=lambda model: model.table_name())
def test_parquet_fields_carry_the_descriptions(model):
    for field in to_arrow(model.empty(), model).schema:
        assert field.metadata[b"description"].decode() == model.to_schema().columns[field.name].description
