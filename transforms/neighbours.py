"""What stands beside a figure: another that is its tolerance, gloss or rate, ten shares that a payment is for, brackets around a loss."""

from decimal import Decimal

import polars as pl

_UPDATES = {"figure": pl.UInt32, "unit_new": pl.String, "per_new": pl.String, "value_new": pl.String, "low_new": pl.String, "high_new": pl.String, "hedge_new": pl.String, "class_new": pl.String}
# 650亿美元,上下浮动2%; 71亿美元,上下浮动3亿美元
_TOLERANCE = r"^[,( ]*(?:可)?(?:上下(?:浮动|波动)|正负|浮动(?:范围)?|±)"
# 每花费1美元…获得5美元: what comes back for each unit that is put in
_PUT_IN = r"每(?:花费?|投入|投资|支出|消费|付出)$"
_COME_BACK = r"^[^。;!?]{0,40}(?:获得|获取|产生|带来|创造|赚取?|换来|撬动|回报)(?:了|约|出)?$"
_BONUS, _PAID = "^[转送]增?$", r"^股?(?:派|派发|派息|派现|派现金)$"
# 高个位数(也就是接近百亿美金): the gloss follows in a bracket
_GLOSS = r"^\("


def relate_neighbours(figures: pl.DataFrame) -> pl.DataFrame:
    """Return figures with what their neighbour says about them; `led` is the text since the number before."""
    rows = figures.with_row_index("figure").with_columns(
        is_next=(pl.col("doc_id") == pl.col("doc_id").shift(-1)) & (pl.col("block_no") == pl.col("block_no").shift(-1)),
        gap=pl.col("led").shift(-1), next_value=pl.col("value").shift(-1), next_unit=pl.col("unit").shift(-1), next_sign=pl.col("surface_head").shift(-1),
    )  # fmt: skip
    is_percent = (pl.col("next_unit") == "percent").fill_null(False)
    is_money = pl.col("next_unit").str.contains("^[A-Z]{3}$").fill_null(False)
    follows = pl.col("is_next").fill_null(False) & pl.col("next_value").is_not_null()
    # 71%,上下浮动50个基点; 47%正负1.5个百分点
    is_of_points = (pl.col("unit") == "percent") & pl.col("next_unit").is_in(["percentage_point", "basis_point"])
    is_band = is_percent | ((pl.col("next_unit") == pl.col("unit")) | is_of_points).fill_null(False)
    # 47%正负1.5个百分点: 负 is read as the sign of the number
    is_both = (pl.col("next_sign") == "±") | (pl.col("gap").str.contains("^[,( ]*正$") & pl.col("next_sign").is_in(["负", "-"]))
    tolerated = follows & is_band & pl.col("value").is_not_null() & (pl.col("gap").str.contains(_TOLERANCE) | is_both)
    glossed = follows & is_money & (pl.col("rule_id") == "quantities.vague") & pl.col("unit").is_null() & pl.col("gap").str.contains(_GLOSS)
    returned = follows & (pl.col("next_unit") == pl.col("unit")).fill_null(False) & pl.col("led").str.contains(_PUT_IN) & pl.col("gap").str.contains(_COME_BACK)
    is_ten = (pl.col("value") == "10") & pl.col("unit").is_null()
    # 10派24.6元, 10转4派2元
    is_bonus = is_ten.shift(1).over("doc_id") & pl.col("led").str.contains(_BONUS)
    is_paid = (is_ten | is_bonus).shift(1).over("doc_id").fill_null(False) & pl.col("led").str.contains(_PAID) & pl.col("value").is_not_null()
    on_ten_shares = is_paid | (pl.col("unit_price") == "ten_shares").fill_null(False) & pl.col("value").is_not_null()
    said = rows.select(tolerated=tolerated, returned=returned, glossed=glossed, on_ten_shares=on_ten_shares)
    updates = [
        *(update for row in rows.filter(said["tolerated"]).iter_rows(named=True) for update in _tolerate(row)),
        *(update for row in rows.filter(said["returned"]).iter_rows(named=True) for update in _return_rate(row)),
        *(_gloss(row) for row in rows.filter(said["glossed"]).iter_rows(named=True)),
        *(_per_share(row) for row in rows.filter(said["on_ten_shares"]).iter_rows(named=True)),
    ]
    if not updates:
        return figures
    changed = pl.DataFrame(updates, schema=_UPDATES)
    names = ("unit", "per", "value", "low", "high", "hedge", "class")
    merged = figures.with_row_index("figure").join(changed.unique("figure", keep="first"), on="figure", how="left", maintain_order="left")
    return merged.with_columns(pl.coalesce(f"{name}_new", name).alias(name) for name in names).drop("figure", *(f"{name}_new" for name in names))


# 除稅前虧損 (2,345) 1,876 —: a row of a statement is a label and amounts, and nothing else
_STATEMENT_ROW = r"^[|\s]*[^0-9|\t]{2,40}[|\s]+(?:[(]?[0-9][0-9,.]*%?[)]?[|\s]*|[-–—](?:[|\s]+|$))+$"
_BRACKETED = r"(?:^|[|\s])[(][0-9][0-9,.]*%?[)](?:[|\s]|$)"


def negate_bracketed(figures: pl.DataFrame, blocks: pl.DataFrame) -> pl.DataFrame:
    """Return figures with a minus where a row of a financial statement sets an amount in brackets, as accounts write it.

    Only where a label and amounts are all of the line: in running text a number in brackets is a note or a count. `blocks` has
    doc_id, block_no and text.
    """
    text = pl.col("text")
    rows = blocks.filter(text.str.contains(_BRACKETED) & text.str.contains(_STATEMENT_ROW)).select("doc_id", "block_no", is_row=pl.lit(True))
    if rows.is_empty():
        return figures
    joined = figures.join(rows, on=["doc_id", "block_no"], how="left", maintain_order="left")
    is_loss = pl.col("is_row").fill_null(False) & pl.col("led").str.ends_with("(") & ~pl.col("value").str.starts_with("-")
    return joined.with_columns(value=pl.when(is_loss).then("-" + pl.col("value")).otherwise("value")).drop("is_row")


def _tolerate(row: dict) -> list[dict]:
    """Return the bounds of a figure with a tolerance behind it, a share or an amount; the tolerance states nothing by itself."""
    value, tolerance = Decimal(row["value"]), abs(Decimal(row["next_value"]))
    margin = abs(value) * tolerance / 100 if row["next_unit"] == "percent" and row["unit"] != "percent" else tolerance
    margin = margin / 100 if row["next_unit"] == "basis_point" else margin
    bounds = {"low_new": format(value - margin, "f"), "high_new": format(value + margin, "f"), "hedge_new": "range"}
    return [{"figure": row["figure"], **bounds}, {"figure": row["figure"] + 1, "class_new": "count_other"}]


def _return_rate(row: dict) -> list[dict]:
    """Return what comes back as a multiple of what is put in; the unit that is put in states nothing by itself."""
    put_in, back = Decimal(row["value"]), Decimal(row["next_value"])
    if not put_in:
        return []
    rate = {"figure": row["figure"] + 1, "unit_new": "multiple", "value_new": format((back / put_in).normalize(), "f")}
    return [{"figure": row["figure"], "class_new": "count_other"}, rate]


def _gloss(row: dict) -> dict:
    """Return 高个位数 in the scale that its gloss reveals: nearly 10 billion makes the digits billions."""
    amount = abs(Decimal(row["next_value"])).normalize()
    digits = amount.adjusted() - (1 if amount == Decimal(1).scaleb(amount.adjusted()) else 0)
    scale = Decimal(1).scaleb(max(digits, 0))
    low, high = (format(Decimal(row[end]) * scale, "f") for end in ("low", "high"))
    return {"figure": row["figure"], "unit_new": row["next_unit"], "low_new": low, "high_new": high}


def _per_share(row: dict) -> dict:
    """Return 每10股派1.5元 as 0.15 a share."""
    return {"figure": row["figure"], "per_new": "share", "value_new": format(Decimal(row["value"]) / 10, "f")}
