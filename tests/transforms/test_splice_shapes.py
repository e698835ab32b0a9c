"""What a line looks like beside the others of its document: words, wordings, years, typography."""

import numpy as np
import polars as pl
import pytest

from transforms.script import simplify
from transforms.splice_shapes import measure_shapes
from warehouse.lexicon import read_lexicon

LINES = [
    "公司三季度营收12.6亿元,同比增长31%,环比增长8%。",
    "2023年三季报显示,毛利率提升,董事长表示2023年订单饱满。",
    "YOY+31%,预计19年一季报好转。",
    "游客来到北京,民警帮他找到了母亲。",
]


@pytest.fixture(scope="module")
def lexicon():
    return read_lexicon()


def measure(texts: list[str], lexicon, **columns) -> dict[str, np.ndarray]:
    """The shapes of one document's lines."""
    lines = pl.DataFrame({"raw": texts}).with_columns(
        text=simplify(pl.col("raw")), doc=pl.lit(0, pl.Int64), indent=pl.lit(0, pl.Int64), blank_lines=pl.lit(0, pl.Int64)
    )
    return measure_shapes(lines.with_columns(**columns), pl.Series([""]), lexicon)


def test_words_found_together_are_those_found_one_by_one(lexicon):
    measured, text = measure(LINES, lexicon), pl.Series(LINES)
    for cue_id, pattern in lexicon["splice_cues"].filter(pl.col("measure") == "rate").select("cue_id", "pattern").iter_rows():
        expected = text.str.count_matches(pattern) * 100 / text.str.len_chars()
        assert measured[f"rate_{cue_id}"] == pytest.approx(expected.to_numpy()), cue_id


@pytest.mark.parametrize(("line", "year"), [("2021年", 2021), ("20H1营收", 2020), ("3Q19毛利率", 2019), ("预计22年", 2022)])
def test_years_are_read_in_every_form(line, year, lexicon):
    off = measure([line, "2021年营收", "2021年利润"], lexicon)["year_last_off"]
    assert off[0] == year - 2021
    assert measure([line, f"{year}年营收"], lexicon)["agree_year"].tolist() == [1, 1]


def test_line_without_a_year_says_nothing_of_years(lexicon):
    assert np.isnan(measure(LINES, lexicon)["year_last_off"][3])
    assert np.isnan(measure(["2021年营收", "营收增长"], lexicon)["year_last_off"]).all()
    assert np.isnan(measure(["型号7021的订单", "2021年营收"], lexicon)["year_first_off"][0])


def test_wordings_unlike_the_others(lexicon):
    measured = measure(LINES, lexicon)
    assert measured["unlike_growth"][2] == 1  # YOY, where the others have 同比
    assert measured["unlike_quarter"][2] == 1  # 一季, where the others have 三季
    assert measured["unlike_quarter"][0] == pytest.approx(0.5)
    assert np.isnan(measured["unlike_growth"][3])


def test_places_that_others_name_too(lexicon):
    measured = measure(["北京的工厂,北京的客户,上海的港口", "北京的订单", "无"], lexicon)
    assert measured["names_place"].tolist() == [2, 1, 0]
    assert measured["agree_place"][:2].tolist() == [0.5, 1]


def test_typed_unlike_the_others(lexicon):
    measured = measure(["营收，增长。", "利潤，增长。", "“订单”,饱满", "订单「饱满」，增长"], lexicon)
    assert measured["unlike_width"][2] == 1
    assert measured["unlike_marks"][2:].tolist() == [1, 1]
    assert measured["unlike_script"][1] > measured["unlike_script"][0]
    indented = measure(["甲", "乙", "丙"], lexicon, indent=pl.Series([2, 0, 0]))
    assert indented["unlike_indent"].tolist() == [1, 0.5, 0.5]
