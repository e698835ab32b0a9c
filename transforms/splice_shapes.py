"""What a single line looks like: cues of the lexicon, typography of the raw text, and the names it shares."""

import functools

import numpy as np
import polars as pl

from transforms.lexicon import Lexicon

# 。 and , of the raw text: whoever typed it wrote them wide or narrow throughout.
_WIDE, _NARROW = "[，：；？！（）]", "[,:;?!()]"
_CURLY, _STRAIGHT, _CORNER = "[“”]", '"', "[「」『』]"
_AGREEMENTS_AT_MOST = 6
# 1. 2) (三) 四、 第五: the number of a point in a list
_NUMBER = r"^(?:[((]|第|Q)?(\d{1,2}|[一二三四五六七八九十])(?:[))、.:,是]|\s)"
_HANZI = "一二三四五六七八九十"


def measure_shapes(lines: pl.DataFrame, titles: pl.Series, lexicon: Lexicon) -> dict[str, np.ndarray]:
    """Return the features of each line (doc, text, raw, indent, blank_lines) that concern its form and its names."""
    cues = lexicon["splice_cues"]
    length = pl.col("text").str.len_chars()
    columns = {"length": length}
    for cue_id, pattern in cues.filter(pl.col("measure") == "flag").select("cue_id", "pattern").iter_rows():
        columns[f"is_{cue_id}"] = pl.col("text").str.contains(pattern)
    for cue_id, pattern in cues.filter(pl.col("measure") == "rate").select("cue_id", "pattern").iter_rows():
        columns[f"rate_{cue_id}"] = pl.col("text").str.count_matches(pattern) * 100 / length
    measured = lines.select(**columns)
    features = {name: measured[name].cast(pl.Float64).to_numpy() for name in columns}
    for cue_id, pattern in cues.filter(pl.col("measure") == "title").select("cue_id", "pattern").iter_rows():
        features[f"is_{cue_id}"] = titles.str.contains(pattern).cast(pl.Float64).to_numpy()[lines["doc"].to_numpy()]
    features |= _differ_in_document(lines, features) | _measure_pattern(lines)
    return features | _measure_typography(lines) | _measure_names(lines, lexicon)


def _differ_in_document(lines: pl.DataFrame, features: dict[str, np.ndarray]) -> dict[str, np.ndarray]:
    """Return how far each rate lies from the document's, in steps that add up exactly."""
    rates = {name: pl.Series(np.rint(values * 64)) for name, values in features.items() if name.startswith("rate_")}
    frame = lines.select("doc").with_columns(**rates)
    mean = [((pl.col(name).sum().over("doc") - pl.col(name)) / (pl.len().over("doc") - 1).clip(1)).alias(name) for name in rates]
    means = frame.select(mean)
    return {f"{name}_off": (rates[name] - means[name]).to_numpy() / 64 for name in rates}


def _measure_pattern(lines: pl.DataFrame) -> dict[str, np.ndarray]:
    """Return how far a line is built like the document's others: same opening (【采访】, 问:), same close, next number of a list."""
    text, others = pl.col("text"), (pl.len().over("doc") - 1).clip(1)
    number = text.str.extract(_NUMBER, 1)
    hanzi = pl.Series(list(_HANZI))
    value = pl.coalesce(number.cast(pl.Int64, strict=False), number.replace_strict(hanzi, list(range(1, 11)), default=None, return_dtype=pl.Int64))
    frame = lines.select(
        "doc", length=text.str.len_chars(), opening=text.str.slice(0, 1), opening_pair=text.str.slice(0, 2), close=text.str.slice(-1),
        number=value,
    ).with_row_index("line")  # fmt: skip
    alike = [((pl.len().over("doc", column) - 1) / others).alias(f"same_{column}") for column in ("opening", "opening_pair", "close")]
    numbered = frame.filter(pl.col("number").is_not_null()).select("doc", "line", "number")
    neighbours = numbered.join(numbered.select("doc", neighbour="line", wanted="number"), on="doc").filter(
        ((pl.col("wanted") - pl.col("number") == 1) & (pl.col("neighbour") > pl.col("line")))
        | ((pl.col("wanted") - pl.col("number") == -1) & (pl.col("neighbour") < pl.col("line")))
    )
    in_list = np.zeros(lines.height)
    in_list[numbered["line"].to_numpy()] = 1
    in_list[neighbours["line"].unique().to_numpy()] = 2
    mean_length = (pl.col("length").sum().over("doc") - pl.col("length")) / others
    measured = frame.select(*alike, length_share=pl.col("length") / (pl.col("length") + mean_length))
    return {name: measured[name].to_numpy() for name in measured.columns} | {"in_list": in_list}


def _measure_typography(lines: pl.DataFrame) -> dict[str, np.ndarray]:
    """Return how unlike the document's a line is typed: width, quotation marks, script, indentation."""
    raw = pl.col("raw")
    counts = lines.select(
        "doc",
        wide=raw.str.count_matches(_WIDE), narrow=raw.str.count_matches(_NARROW),
        curly=raw.str.count_matches(_CURLY), straight=raw.str.count_matches(_STRAIGHT), corner=raw.str.count_matches(_CORNER),
        indented=(pl.col("indent") > 0).fill_null(False).cast(pl.UInt32), flush=(pl.col("indent") == 0).fill_null(False).cast(pl.UInt32),
        spaced=(pl.col("blank_lines") > 0).cast(pl.UInt32), tight=(pl.col("blank_lines") == 0).cast(pl.UInt32),
        traditional=pl.Series(_count_changed(lines)), other=pl.col("text").str.count_matches(r"\p{Han}"),
    ).with_columns(pl.col("other") - pl.col("traditional"))  # fmt: skip
    features = {}
    for name, columns in (
        ("width", ("wide", "narrow")), ("marks", ("curly", "straight", "corner")), ("script", ("traditional", "other")),
        ("indent", ("indented", "flush")), ("spacing", ("spaced", "tight")),
    ):  # fmt: skip
        features[f"unlike_{name}"] = _distance(counts, columns)
    return features


def _distance(counts: pl.DataFrame, columns: tuple[str, ...]) -> np.ndarray:
    """Return how far the line's shares of these counts lie from those of the document's other lines; NaN where it has none."""
    line = counts.select(columns).to_numpy().astype(np.int64)
    rest = counts.select(pl.col(c).cast(pl.Int64).sum().over("doc") for c in columns).to_numpy() - line
    sizes, rest_sizes = line.sum(1), rest.sum(1)
    with np.errstate(invalid="ignore", divide="ignore"):
        distance = np.abs(line / sizes[:, None] - rest / rest_sizes[:, None]).max(1)
    return np.where((sizes > 0) & (rest_sizes > 0), distance, np.nan)


def _count_changed(lines: pl.DataFrame) -> np.ndarray:
    """Return the number of Han characters of each line that simplification changed."""
    raw, text = (np.frombuffer(("\n".join(lines[c]) + "\n").encode("utf-32-le", "replace"), np.uint32) for c in ("raw", "text"))
    changed = (raw != text) & (text >= 0x3400) & (text < 0xA000)
    ends = np.cumsum(lines["text"].str.len_chars().to_numpy().astype(np.int64) + 1)
    return np.diff(np.concatenate([[0], np.cumsum(changed)[ends - 1]])).astype(np.uint32)


def _measure_names(lines: pl.DataFrame, lexicon: Lexicon) -> dict[str, np.ndarray]:
    """Return per kind of name how many a line has, and which share of them other lines of the document have too."""
    features = {}
    for cue_id, pattern in _agreeing(lexicon):
        found = lines.select("doc", line=pl.int_range(pl.len()), name=pl.col("text").str.extract_all(pattern))
        found = found.explode("name").drop_nulls("name").with_columns(name=pl.col("name").str.extract(pattern, 1)).unique()
        found = found.with_columns(elsewhere=pl.len().over("doc", "name") > 1)
        counted = found.group_by("line").agg(count=pl.len(), shared=pl.col("elsewhere").sum())
        count, shared = np.zeros(lines.height), np.zeros(lines.height)
        count[counted["line"].to_numpy()] = counted["count"].to_numpy()
        shared[counted["line"].to_numpy()] = counted["shared"].to_numpy()
        features[f"names_{cue_id}"] = np.minimum(count, _AGREEMENTS_AT_MOST)
        features[f"agree_{cue_id}"] = np.where(count > 0, shared / np.maximum(count, 1), np.nan)
    return features


@functools.lru_cache(maxsize=4)
def _agreeing(lexicon: Lexicon) -> list[tuple[str, str]]:
    """Return id and pattern of the cues whose strings are compared across the document."""
    return lexicon["splice_cues"].filter(pl.col("measure") == "agree").select("cue_id", "pattern").rows()
