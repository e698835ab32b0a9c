import duckdb
from typer.testing import CliRunner

from flows import cli
from flows.steps import Settings, run_directly
from warehouse.compare import count_differences, diff_warehouses


def settings(root, *places):
    return Settings(tuple(map(str, places)), root)


def change(root, *statements):
    """Make the published database what other rules might have made of it."""
    with duckdb.connect(str(root / "caibao.duckdb")) as con:
        for statement in statements:
            con.execute(statement)


def test_what_other_rules_gained_lost_and_changed(articles, tmp_path):
    old, new = tmp_path / "old", tmp_path / "new"
    for root in (old, new):
        run_directly(settings(root, articles))
    assert diff_warehouses(old, new).is_empty()
    change(old, "DELETE FROM metrics WHERE quote LIKE '%6.1亿%'")
    change(
        new, "DELETE FROM metrics WHERE quote LIKE '%8.4亿%'", "UPDATE metrics SET unit = 'CNY', value = 5, rule_id = 'other_rule' WHERE quote LIKE '52.6亿%'",
        "UPDATE blocks SET is_kept = false, kind = 'site_boilerplate', rule_id = 'wide_rule' WHERE text LIKE '北峰电子2024%'",
    )  # fmt: skip
    differences = diff_warehouses(old, new)
    told = {(row["kind"], row["change"]): row for row in differences.iter_rows(named=True)}
    assert set(told) == {("metric", "gained"), ("metric", "lost"), ("metric", "changed"), ("block", "lost")}
    assert "-> 5.0" in told["metric", "changed"]["difference"]
    assert told["metric", "changed"]["new_rule"] == "other_rule"
    assert told["block", "lost"]["new_rule"] == "wide_rule"
    assert count_differences(differences)["count"].sum() == differences.height
    result = CliRunner().invoke(cli.app, ["diff", str(old), str(new)])
    assert "wide_rule" in result.output
    assert CliRunner().invoke(cli.app, ["diff", str(old), str(tmp_path / "nowhere")]).exit_code == 1
