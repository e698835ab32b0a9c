"""A notebook on the warehouse, read-only: marimo edit docs/notebook.py. It is a plain Python file; its queries run in the tests."""

import marimo

app = marimo.App(width="medium", app_title="caibao")


@app.cell
def _():
    import os

    import altair as alt
    import duckdb
    import marimo as mo

    alt.renderers.enable("default", embed_options={"actions": False})
    root = os.environ.get("CAIBAO_WAREHOUSE", "warehouse/data")
    con = duckdb.connect(f"{root}/caibao.duckdb", read_only=True)
    return alt, con, mo, root


@app.cell
def _(con, mo, root):
    ((documents, metrics, last),) = con.sql("SELECT (SELECT count(*) FROM documents), (SELECT count(*) FROM facts), (SELECT max(finished_at) FROM runs)").fetchall()
    mo.md(f"# What the articles say\n\n{documents} documents and {metrics} figures in `{root}`, as of {last:%Y-%m-%d %H:%M} UTC.")
    return


@app.cell
def _(con):
    growth = con.sql("""
        SELECT entity, period, value AS growth_percent, quote, title
        FROM facts
        WHERE metric = 'revenue' AND basis = 'yoy' AND unit = 'percent' AND modality = 'actual' AND segment IS NULL AND entity IS NOT NULL
        QUALIFY row_number() OVER (PARTITION BY entity ORDER BY period_end DESC, confidence DESC, metric_id) = 1
        ORDER BY growth_percent DESC
        LIMIT 20
    """).pl()
    return (growth,)


@app.cell
def _(alt, growth, mo):
    bars = (
        alt.Chart(growth, title="Revenue growth, newest stated period")
        .mark_bar()
        .encode(x=alt.X("growth_percent:Q", title="%"), y=alt.Y("entity:N", sort="-x", title=None), tooltip=["entity", "period", "growth_percent", "quote", "title"])
        .properties(width="container")
    )
    mo.ui.altair_chart(bars, chart_selection=False)
    return


@app.cell
def _(con):
    modalities = con.sql("""
        SELECT metric, modality, count(*) AS figures
        FROM facts
        WHERE metric IN (SELECT metric FROM facts GROUP BY metric ORDER BY count(*) DESC, metric LIMIT 12)
        GROUP BY ALL ORDER BY ALL
    """).pl()
    return (modalities,)


@app.cell
def _(alt, modalities, mo):
    stacked = (
        alt.Chart(modalities, title="What is stated most, and how sure")
        .mark_bar()
        .encode(x=alt.X("figures:Q", title="figures"), y=alt.Y("metric:N", sort="-x", title=None), color=alt.Color("modality:N", title=None))
        .properties(width="container")
    )
    mo.ui.altair_chart(stacked, chart_selection=False)
    return


@app.cell
def _(con, mo):
    doubts = con.sql("""
        SELECT entity, period, metric, quote, other_quote, round(difference_percent, 1) AS percent_apart, sentence, other_sentence
        FROM conflicts
        ORDER BY difference_percent DESC
        LIMIT 50
    """).pl()
    mo.vstack([mo.md("## Statements that contradict each other"), mo.ui.table(doubts, selection=None)])
    return


if __name__ == "__main__":
    app.run()
