"""marks: paragraphs and headlines of other articles that were spliced into a document."""

import functools

import numpy as np
import polars as pl

from schemas.blocks import Marks
from transforms.lexicon import Lexicon
from transforms.marks import guarded_names
from transforms.splice_features import (
    Batch,
    Features,
    choose_documents,
    measure_again,
    measure_lines,
    pick_rows,
    read_batch,
)
from transforms.splice_lines import claim_blocks, read_lines, read_titles
from transforms.splice_model import FIRST_FILES, SECOND_FILES, TRAININGS, read_term_weights, read_trees
from transforms.splice_reasons import explain_lines

REMOVED, REVIEW, FOLLOWS, COPY = "splice_foreign", "splice_review", "splice_follows", "splice_copy"
_COPY_REASON = "It has the words of a line that was removed as of another article."
# 简 is a surname, 简评 a heading.
_LABEL_END = "[评析论述]$"
# An address between paragraphs shares no word with them, and is what they point to.
_ADDRESS = r"^https?://\S+$"
# “订单已经排到六月份。”, and nothing else in the line
_QUOTATION = r"^[“「『][^“”「」『』]+[”」』][。.…]*$"
# The trees are asked in parts, so that those asked stay in the processor's cache. A line whose log odds have passed this (1.8 or 98.2 %) is
# asked no further, nor is a document none of whose lines has come to `limit` after so many of the first trees: of 800 documents with a line
# that is looked at again two in a hundred were left so, none of which came to a verdict.
_CLEAR, _PART = 4.0, 70
_STOPS = {70: 0.03, 140: 0.04}
_POINTS = ("enumerated", "bracketed", "speaker_label")
_AMOUNT = r"\d\s*(?:[万亿兆]?(?:元|股|[美港欧日]元)|[万亿兆]|%|个百分点|个基点|倍|天)"


def score_blocks(documents: pl.DataFrame, blocks: pl.DataFrame, marks: pl.DataFrame, lexicon: Lexicon) -> pl.DataFrame:
    """blocks: with `score`, the probability of being foreign to their document; null where it was not judged.

    Not judged are lines that the cards claim, and documents too short to compare a line with its article.
    """
    lines, titles = read_lines(documents, blocks, marks, int(_limits(lexicon)["few_blocks"]))
    if lines.is_empty():
        return blocks.with_columns(score=pl.lit(None, pl.Float64))
    batch = read_batch(lines, titles, read_term_weights(lexicon))
    features = measure_lines(batch, lexicon)
    odds = _predict(lexicon, FIRST_FILES[0], features, batch.first)
    scores = _probability(odds)
    for trainings, limit in ((1, "look_again"), (TRAININGS, "ask_all")):
        is_suspect = np.maximum.reduceat(scores, batch.first) >= _limits(lexicon)[limit]
        if is_suspect.any():
            suspect, rows = choose_documents(batch, is_suspect)
            scores[rows] = _look_again(suspect, pick_rows(features, rows), odds[rows], trainings, lexicon)
    scored = lines.select("doc_id", "block_no", score=pl.Series(scores))
    return blocks.drop("score", strict=False).join(scored, on=["doc_id", "block_no"], how="left", maintain_order="left")


def _look_again(batch: Batch, features: Features, odds: np.ndarray, trainings: int, lexicon: Lexicon) -> np.ndarray:
    """Return the probability of being foreign, of lines that may be by the second trees, which see the first ones' scores of the lines around.

    odds: what the first training's first trees say. trainings: how many trainings are asked; the mean of their log odds counts.
    """
    # of what the first training is sure of, the others are not asked
    is_open, mean = np.abs(odds) < _CLEAR, odds.copy()
    unclear = pick_rows(features, is_open)
    mean[is_open] = np.mean([odds[is_open], *(_predict(lexicon, name, unclear) for name in FIRST_FILES[1:trainings])], axis=0)
    scores = _probability(mean)
    asked = scores >= _limits(lexicon)["look_again_line"]
    seen = pick_rows(features | measure_again(batch, scores), asked)
    scores[asked] = _probability(np.mean([_predict(lexicon, name, seen) for name in SECOND_FILES[:trainings]], axis=0))
    return scores


def _probability(odds: np.ndarray) -> np.ndarray:
    """Return the probability of log odds."""
    return np.round(1 / (1 + np.exp(-odds)), 4)


def mark_splices(
    documents: pl.DataFrame, blocks: pl.DataFrame, marks: pl.DataFrame, turns: pl.DataFrame, lexicon: Lexicon
) -> pl.DataFrame:
    """marks: one row per block that is judged foreign (dropping) or doubtful (review, not dropping), with its reason.

    `blocks` carries the scores of score_blocks. Nothing is dropped from a digest or list of news, from a document that
    would lose more than it keeps, or from the labelled line of a speaker: there the verdict is review at most.
    """
    suspicious = blocks.filter(pl.col("score") >= _limits(lexicon)["review"]).select("doc_id").unique()
    documents, blocks, marks, turns = (frame.join(suspicious, on="doc_id", how="semi") for frame in (documents, blocks, marks, turns))
    lines = judge_lines(documents, blocks, marks, turns, lexicon).filter(pl.col("verdict").is_not_null())
    if lines.is_empty():
        return Marks.empty()
    found = lines.select(
        "doc_id", "start_char", "end_char", rule_id="verdict", label=pl.lit("spliced"), score="score",
        is_dropping=pl.col("verdict") != REVIEW, reason=explain_lines(lines, blocks, lexicon),
    )  # fmt: skip
    return Marks.select(pl.concat([found, _find_copies(found, blocks)]))


def _find_copies(found: pl.DataFrame, blocks: pl.DataFrame) -> pl.DataFrame:
    """Return marks of the lines that were not judged since an earlier one has the same words, and that one was removed."""
    spans = blocks.select("doc_id", "start_char", "end_char", "text", judged="score")
    removed = found.filter("is_dropping").join(spans, on=["doc_id", "start_char", "end_char"]).sort("doc_id", "start_char")
    firsts = removed.unique(["doc_id", "text"], keep="first", maintain_order=True).select("doc_id", "text", "score", first_start="start_char")
    copies = spans.filter(pl.col("judged").is_null()).join(firsts, on=["doc_id", "text"]).filter(pl.col("start_char") > pl.col("first_start"))
    return copies.select(
        "doc_id", "start_char", "end_char", rule_id=pl.lit(COPY), label=pl.lit("spliced"), score="score", is_dropping=True,
        reason=pl.lit(_COPY_REASON),
    )  # fmt: skip


def judge_lines(
    documents: pl.DataFrame, blocks: pl.DataFrame, marks: pl.DataFrame, turns: pl.DataFrame, lexicon: Lexicon
) -> pl.DataFrame:
    """blocks that were judged, with `verdict` (a rule id, null for keep), `capped` (why not removed), `run` and `after_mark`."""
    limits = _limits(lexicon)
    lines = claim_blocks(blocks, marks).join(_find_digests(documents, blocks, lexicon), on="doc_id", how="left")
    lines = lines.with_columns(after_mark=pl.col("is_marker").shift(1, fill_value=False).over("doc_id"), section=pl.col("is_marker").cum_sum().over("doc_id"))
    lines = lines.filter(pl.col("score").is_not_null()).with_columns(in_foreign_tail=_is_in_foreign_tail(limits)).drop("section")
    lines = _place_in_turns(lines, turns).sort("doc_id", "block_no").with_columns(
        judged_no=pl.int_range(pl.len()).over("doc_id"), suspect=pl.when(pl.col("score") >= limits["review"]).then("text")
    )  # fmt: skip
    lines = lines.with_columns(amounts=pl.col("text").str.count_matches(_AMOUNT)).with_columns(states_result=_states_result(lexicon))
    lines = lines.with_columns(
        is_result=pl.col("states_result") & pl.col("suspect").is_not_null(), is_of_host=_is_of_host(lexicon), is_dense=_is_dense(lexicon), is_quotation=pl.col("suspect").str.contains(_QUOTATION).fill_null(False),
        is_point=_is_point("suspect", lexicon).fill_null(True), is_unfinished=~pl.col("suspect").str.contains(_pattern(lexicon, "closed")).fill_null(True),
        is_remark=pl.col("suspect").str.contains(f"{_pattern(lexicon, 'remark_on_text')}|{_ADDRESS}").fill_null(False),
    ).drop("suspect", "amounts", "states_result")  # fmt: skip
    is_foreign = pl.col("score") >= _needed(limits)
    lines = lines.with_columns(is_foreign=is_foreign)
    lines = lines.with_columns(is_foreign=pl.col("is_foreign") & (~_is_lone_last() | (pl.col("score") >= limits["remove_last"])))
    lines = lines.with_columns(follows=_follows_removed(lexicon))
    goes = pl.col("is_foreign") | pl.col("follows")
    size = pl.col("text").str.len_chars()
    share = (size * goes).sum().over("doc_id") / size.sum().over("doc_id")
    going = pl.when(pl.col("is_foreign") & ~pl.col("in_foreign_tail")).then("score")
    doubt = 1 - going.mean().over("doc_id")
    runs = (goes & ~goes.shift(1, fill_value=False).over("doc_id")).sum().over("doc_id")
    lines = lines.with_columns(
        capped=pl.when(pl.col("is_digest") | pl.col("is_list") & (pl.col("is_point") | (pl.col("score") < limits["remove_in_list"])))
        .then(pl.lit("a digest or list of news"))
        .when(runs > limits["scattered_runs"]).then(pl.lit("lines all over the document would go"))
        .when(share > limits["whole_share"]).then(pl.lit("most of the document would go"))
        .when((share > limits["half_share"]) & (doubt > limits["half_doubt"])).then(pl.lit("half of the document would go, and not all of it for sure"))
    )  # fmt: skip
    free = pl.col("capped").is_null()
    verdict = (
        pl.when(pl.col("is_foreign") & free).then(pl.lit(REMOVED))
        .when(pl.col("follows") & free).then(pl.lit(FOLLOWS))
        .when((pl.col("score") >= limits["review"]) | pl.col("follows")).then(pl.lit(REVIEW))
    )  # fmt: skip
    return lines.with_columns(verdict=verdict)


def _needed(limits: dict[str, float]) -> pl.Expr:
    """Return the score from which a line goes: more for short lines, headings, quotations and inside turns, less where others go for
    certain and in a tail of foreign lines; never for a speaker's labelled line or what the author says of the text itself (以下内容不是投资建议).
    """
    is_among = pl.col("score").max().over("doc_id") >= limits["certain"]
    return (
        pl.when(pl.col("opens_turn") | pl.col("is_remark")).then(2.0)
        .when("in_turn").then(limits["remove_in_turn"])
        .when("is_quotation").then(limits["remove_quotation"])
        .when(pl.col("text").str.len_chars() < limits["short_line"]).then(limits["remove_short"])
        .when("is_of_host").then(limits["remove_of_host"])
        .when("is_dense").then(limits["remove_dense"])
        .when("is_dated").then(pl.when(is_among).then(limits["remove_dated_among"]).otherwise(limits["remove_dated"]))
        .when("in_foreign_tail").then(limits["remove_in_tail"])
        .when(is_among)
        .then(pl.when("is_result").then(limits["remove_result_among"]).otherwise(limits["remove_among"]))
        .when("is_result").then(limits["remove_result"])
        .when("is_unfinished").then(limits["remove_unfinished"])
        .otherwise(limits["remove"])
    )  # fmt: skip


def _is_in_foreign_tail(limits: dict[str, float]) -> pl.Expr:
    """Return whether a line stands behind the last marker line (责任编辑:…) of its document, among lines that are mostly foreign.

    There an article of the same field that was put below (a broker's note under another) keeps little apart but its place.
    """
    is_last = (pl.col("section") > 0) & (pl.col("section") == pl.col("section").max().over("doc_id"))
    return is_last & (pl.col("score").mean().over("doc_id", "section") >= limits["tail_foreign"])


def _states_result(lexicon: Lexicon) -> pl.Expr:
    """Return whether a line has the label of a metric and a number with a unit: 每股现金分红2.00元."""
    has_amount = pl.when(pl.col("amounts") > 0).then("text")
    return has_amount.str.contains_any(_labels(lexicon)).fill_null(False)


@functools.lru_cache(maxsize=4)
def _labels(lexicon: Lexicon) -> list[str]:
    """Return the labels of metrics."""
    return lexicon["metric_labels"]["label"].unique().sort().to_list()


def _is_of_host(lexicon: Lexicon) -> pl.Expr:
    """Return whether a suspect line is a short statement of results that names no company, in a document that mostly has such lines.

    The lines of a bulletin (综合成本率98.2%,同比优化1.2个百分点) share few words with each other: each is about another metric of the one
    company. Longer paragraphs tell more of where they come from.
    """
    is_short = pl.col("text").str.len_chars() <= _limits(lexicon)["bulletin_line"]
    results = (is_short & pl.col("states_result")).mean().over("doc_id")
    is_result = is_short & pl.col("states_result") & (results >= _limits(lexicon)["result_lines"])
    result = pl.when(is_result).then("suspect")
    names_company = result.str.contains_any(guarded_names(lexicon)[0]) | result.str.contains(_pattern(lexicon, "names_company"))
    return result.is_not_null() & ~names_company.fill_null(False)


def _is_dense(lexicon: Lexicon) -> pl.Expr:
    """Return whether a suspect line is a paragraph full of results in an article that is made of such paragraphs and has no other suspect."""
    limits = _limits(lexicon)
    is_full = pl.col("states_result") & (pl.col("amounts") >= limits["dense_amounts"])
    results = is_full.mean().over("doc_id")
    is_alone = (pl.col("score") >= limits["remove_among"]).sum().over("doc_id") == 1
    return is_full & pl.col("suspect").is_not_null() & (results >= limits["dense_lines"]) & is_alone


def _is_lone_last() -> pl.Expr:
    """Return whether a line is the last judged one of its document, and the one before it stays."""
    is_last = pl.int_range(pl.len()).over("doc_id") == pl.len().over("doc_id") - 1
    return is_last & ~pl.col("is_foreign").shift(1, fill_value=False).over("doc_id") & ~pl.col("after_mark")


def _follows_removed(lexicon: Lexicon) -> pl.Expr:
    """Return whether a line is a bare name right after a removed one: the byline of what was removed (王小明, not 发展趋势)."""
    follows = ~pl.col("is_foreign") & pl.col("is_foreign").shift(1, fill_value=False).over("doc_id") & ~pl.col("opens_turn")
    line = pl.when(follows).then("text")
    return (line.str.contains(_name_pattern(lexicon)) & ~line.str.contains(_LABEL_END)).fill_null(False)


def _pattern(lexicon: Lexicon, cue_id: str) -> str:
    """Return the pattern of a cue."""
    return lexicon["splice_cues"].filter(pl.col("cue_id") == cue_id)["pattern"][0]


@functools.lru_cache(maxsize=4)
def _name_pattern(lexicon: Lexicon) -> str:
    """Return the pattern of a line that is nothing but a person's name."""
    surnames = lexicon["entity_cues"].filter(pl.col("kind") == "surname")["word"]
    return rf"^(?:{'|'.join(surnames)})\p{{Han}}{{1,2}}$"


def _find_digests(documents: pl.DataFrame, blocks: pl.DataFrame, lexicon: Lexicon) -> pl.DataFrame:
    """Return doc_id, is_digest (a title word says so, or each part is headed by a company and its code), is_list (the lines are points of a list: 甲公司:营收…) and is_dated."""
    patterns = dict(lexicon["splice_cues"].select("cue_id", "pattern").iter_rows())
    listed = pl.any_horizontal(pl.col("text").str.contains(patterns[cue]) for cue in _POINTS[:2])
    labelled = pl.col("text").str.contains(patterns["speaker_label"])
    shares = blocks.filter(pl.col("score").is_not_null()).group_by("doc_id").agg(listed=listed.mean(), labelled=labelled.mean())
    limits = _limits(lexicon)
    by_title = pl.col("title").str.contains(patterns["digest_title"])
    by_lines = (pl.col("listed") >= limits["digest_lines"]) | (pl.col("labelled") >= limits["digest_labels"])
    openings = blocks.group_by("doc_id").agg(
        opening=pl.col("text").sort_by("block_no").first(), companies=pl.col("text").filter(pl.col("text").str.contains(patterns["company_heading"])).n_unique()
    )  # fmt: skip
    is_dated = pl.any_horizontal(pl.col(column).str.contains(patterns["dated_title"]) for column in ("title", "opening"))
    titles = read_titles(documents, blocks).join(openings, on="doc_id").join(shares, on="doc_id").with_columns(is_dated=is_dated)
    by_headings = pl.col("companies") >= limits["company_headings"]
    return titles.select("doc_id", "is_dated", is_digest=(by_title & ~pl.col("is_dated")) | by_headings, is_list=by_lines)


def _is_point(column: str, lexicon: Lexicon) -> pl.Expr:
    """Return whether a line looks like a point of a list: 2)毛利率…, 【快讯】…, 甲公司:营收…"""
    return pl.any_horizontal(pl.col(column).str.contains(_pattern(lexicon, cue)) for cue in _POINTS)


def _place_in_turns(lines: pl.DataFrame, turns: pl.DataFrame) -> pl.DataFrame:
    """Return lines with whether they open a turn, or stand inside one."""
    spans = turns.select("doc_id", turn_start="start_char", turn_end="end_char").sort("doc_id", "turn_start")
    lines = lines.sort("doc_id", "start_char").join_asof(
        spans, left_on="start_char", right_on="turn_start", by="doc_id", strategy="backward", check_sortedness=False
    )
    inside = (pl.col("start_char") < pl.col("turn_end")).fill_null(False)
    return lines.with_columns(opens_turn=inside & (pl.col("start_char") == pl.col("turn_start")), in_turn=inside).drop("turn_start", "turn_end")


def _predict(lexicon: Lexicon, name: str, features: Features, first: np.ndarray | None = None) -> np.ndarray:
    """Return the log odds of being foreign, by one set of trees; features are picked by the names they were trained on.

    first: row of the first line of each document, where documents that are clear as a whole are asked no further.
    """
    trees = read_trees(lexicon, name)
    matrix = stack_features(features, trees.feature_name())
    odds, left = np.zeros(len(matrix)), np.arange(len(matrix))
    for start in range(0, trees.num_trees(), _PART):
        asked = matrix if len(left) == len(matrix) else matrix[left]
        odds[left] += trees.predict(asked, start_iteration=start, num_iteration=_PART, raw_score=True, num_threads=1)
        is_open = np.abs(odds) < _CLEAR
        if first is not None and start + _PART in _STOPS:
            is_open &= _is_suspect(odds, first, _STOPS[start + _PART])
        left = left[is_open[left]]
        if not len(left):
            break
    return odds


def _is_suspect(odds: np.ndarray, first: np.ndarray, limit: float) -> np.ndarray:
    """Return for each line whether any line of its document has come to a probability of `limit`."""
    of_document = np.maximum.reduceat(odds, first) >= np.log(limit / (1 - limit))
    return np.repeat(of_document, np.diff(np.append(first, len(odds))))


def stack_features(features: Features, names: list[str]) -> np.ndarray:
    """Return the features as a matrix in the order of `names`."""
    return np.column_stack([features[name].astype(np.float32) for name in names])


@functools.lru_cache(maxsize=4)
def _limits(lexicon: Lexicon) -> dict[str, float]:
    """Return the limits of the verdicts by name."""
    return dict(lexicon["splice_thresholds"].select("threshold", "value").iter_rows())
