"""mentions: where entities are named."""

import functools
import re

import polars as pl

from schemas.quantities import Mentions
from transforms.aliases import find_aliases, known_names
from transforms.introductions import Introduction, find_introductions, find_tickers
from transforms.lexicon import Lexicon
from transforms.spans import cut_spans

_FOUND = {
    "doc_id": pl.String, "start_char": pl.Int64, "end_char": pl.Int64, "surface": pl.String,
    "entity": pl.String, "type": pl.String, "rule_id": pl.String,
}  # fmt: skip
# How far around a correction a name may reach that it completes: Blackwell U[l]tra.
_REACH = 24
# A round-up names so many companies; what stands behind the name of one among them
_SEVERAL = 3
# How many doubtful names on end a list may have behind a sure one
_LONGEST_LIST = 6
# A short form that is so often the subject of a clause is a name
_USES, _OPENS = 2, "(?:^|[,。;:!?])$"
_AMONG_PEERS = r"^(?:\([+\-]?\d|\d|紧随其后|位列第|排名第)"


def find_mentions(documents: pl.DataFrame, reading: pl.DataFrame, repairs: pl.DataFrame, lexicon: Lexicon) -> pl.DataFrame:
    """mentions: entities of the lexicon and those the text itself introduces, in kept blocks (columns of blocks plus read_text)."""
    texts = _texts(documents, reading)
    candidates = _locate(find_aliases(texts["text"], lexicon), texts).join(known_names(lexicon), on="key", maintain_order="left")
    known = _keep_evident(candidates, lexicon)
    introductions = find_introductions(texts, known, lexicon)
    introduced = _find_introduced(introductions, texts)
    listed = find_tickers(texts, introductions, lexicon)
    mended = _find_mended(reading, repairs, lexicon)
    found = _disjoint(pl.concat([frame.select(_FOUND.keys()).cast(_FOUND) for frame in (known, introduced, listed, mended)]))
    placed = found.filter(pl.col("start_char") >= 0)
    return Mentions.select(placed.with_columns(cut_spans(placed, documents)))


def _texts(documents: pl.DataFrame, reading: pl.DataFrame) -> pl.DataFrame:
    """Return doc_id, text and at (first code point) of titles and kept blocks; a title's own place is unknown: at is far below 0."""
    titles = documents.filter(pl.col("title").is_not_null()).select("doc_id", text="title", at=pl.lit(-1_000_000, pl.Int64))
    blocks = reading.select("doc_id", text="read_text", at="start_char")
    return pl.concat([titles, blocks]).sort("doc_id", "at", maintain_order=True).with_row_index("row")


def _locate(found: pl.DataFrame, texts: pl.DataFrame) -> pl.DataFrame:
    """Return `found` with doc_id, places in the document instead of the row, and the text before and after."""
    return found.join(texts, on="row", maintain_order="left").with_columns(
        before=pl.col("text").str.slice(0, pl.col("start_char")).str.tail(4),
        after=pl.col("text").str.slice(pl.col("end_char"), 16),
        start_char=pl.col("start_char") + pl.col("at"),
        end_char=pl.col("end_char") + pl.col("at"),
    ).drop("text", "at")  # fmt: skip


def _keep_evident(candidates: pl.DataFrame, lexicon: Lexicon) -> pl.DataFrame:
    """Return the candidates that count: sure names, and ambiguous ones with other evidence for their entity.

    An ambiguous name (美的, 理想, Meta, 老黄) is written as in the lexicon and does not run on from another word (完美的). It counts
    where the document also names its entity, that entity's company or people surely, where words of companies stand
    beside it (理想发布, 小米集团), or where it is listed beside a company (蔚来、理想).
    """
    is_as_written = pl.col("surface") == pl.col("alias")
    # AMD, NOW and Arm are read as they are written, longer Latin names in any case
    is_plain = (pl.col("kind") != "ticker") & ~pl.col("alias").str.contains(r"^[!-~]{1,4}$")
    candidates = candidates.filter(is_as_written | (is_plain & ~pl.col("is_ambiguous"))).with_columns(
        is_sure=~pl.col("is_ambiguous"), is_apart=_stands_apart(lexicon), is_company_like=_is_company_like(lexicon)
    )
    sure = candidates.filter("is_sure")
    related = pl.concat([
        sure.select("doc_id", named="entity"),
        sure.filter(pl.col("parent").is_not_null()).select("doc_id", named="parent"),
    ]).unique()  # fmt: skip
    # 瑞普产品 may be a brand's, 浙能集团 is the listed company's parent, 海川股份 is not 海川智能
    others = "|".join(re.escape(word) for word in ("产品", *_words(lexicon, "company_ending")))
    is_of_other = (pl.col("kind") == "stem") & pl.col("after").str.contains(f"^(?:{others})")
    doubtful = candidates.filter(~pl.col("is_sure") & pl.col("is_apart") & ~is_of_other)
    by_entity = doubtful.join(related, left_on=["doc_id", "entity"], right_on=["doc_id", "named"], how="semi")
    by_parent = doubtful.join(related, left_on=["doc_id", "parent"], right_on=["doc_id", "named"], how="semi")
    by_words = doubtful.filter((pl.col("type") == "company") & pl.col("is_company_like"))
    by_list = _beside_each_other(doubtful.filter(pl.col("type") == "company"), sure.filter(pl.col("type") == "company"))
    # 比亚迪39.3万辆,吉利27.3万辆,长安26.6万辆: among several companies one more that is followed by a figure or a comparison
    of_many = sure.filter(pl.col("type") == "company").group_by("doc_id").agg(named=pl.col("entity").n_unique()).filter(pl.col("named") >= _SEVERAL)
    by_peers = doubtful.filter((pl.col("type") == "company") & pl.col("after").str.contains(_AMONG_PEERS)).join(of_many, on="doc_id", how="semi")
    # 我们认为,致远长期…:致远大力投入: a short form that opens clauses, more than the text names companies surely
    is_short_form = (pl.col("kind") == "stem") | ((pl.col("type") == "company") & pl.col("entity").str.starts_with(pl.col("surface")) & (pl.col("surface") != pl.col("entity")))
    named_surely = sure.filter(pl.col("type") == "company").group_by("doc_id").agg(named=pl.len())
    by_use = doubtful.filter(is_short_form & pl.col("before").str.contains(_OPENS)).join(named_surely, on="doc_id", how="left", maintain_order="left")
    by_use = by_use.filter(pl.len().over("doc_id", "entity") >= _USES, pl.len().over("doc_id", "entity") > pl.col("named").fill_null(0)).drop("named")
    names = ["doc_id", "start_char", "end_char", "entity"]
    evident = pl.concat([by_entity, by_parent, by_words, by_list, by_peers, by_use]).unique(names, maintain_order=True)
    # what words or a list show to be a company is one wherever the document names it apart
    shown = pl.concat([by_words, by_list, by_peers, by_use]).select("doc_id", "entity").unique()
    evident = pl.concat([evident, doubtful.join(shown, on=["doc_id", "entity"], how="semi")]).unique(names, maintain_order=True)
    support = sure.group_by("doc_id", "entity").agg(support=pl.len())
    return (
        pl.concat([sure, evident])
        .join(support, on=["doc_id", "entity"], how="left", maintain_order="left")
        .sort("doc_id", "start_char", pl.col("support").fill_null(0) * -1, "entity")
        .unique(["doc_id", "start_char"], keep="first", maintain_order=True)
        .with_columns(
            rule_id=pl.when("is_sure").then(pl.lit("mentions.alias")).when(pl.col("kind") == "stem").then(pl.lit("mentions.stem")).otherwise(pl.lit("mentions.ambiguous_alias")),
            # 中信证券研报 cites a source; 中信证券三季度净利 is about the company
            type=pl.when(_is_cited(lexicon)).then(pl.lit("institution")).otherwise("type"),
        )
    )


def _stands_apart(lexicon: Lexicon) -> pl.Expr:
    """Return whether a name in Han characters begins at a boundary or after a word that stands before companies; Latin ones always do."""
    words = "|".join(re.escape(word) for word in _words(lexicon, "company_before"))
    return pl.col("surface").str.contains(r"^[!-~]") | pl.col("before").str.contains(rf"(?:^|[^\p{{Han}}A-Za-z]|{words})$")


def _is_company_like(lexicon: Lexicon) -> pl.Expr:
    """Return whether a word that follows companies stands right after the name, or after a listing in brackets."""
    words = "|".join(re.escape(word) for word in _words(lexicon, "company_after"))
    return pl.col("after").str.contains(rf"^(?:\([^()]*\)?)?:?(?:{words})")


def _is_cited(lexicon: Lexicon) -> pl.Expr:
    """Return whether a broker is named as the source of a view: 中信证券研报, 高盛维持, 大摩分析师."""
    words = "|".join(re.escape(word) for word in _words(lexicon, "source_after"))
    is_broker = pl.col("entity").is_in(_words(lexicon, "broker")) | pl.col("surface").str.ends_with("证券")
    # 【东吴证券】某公司三季报点评 names the author of a note
    is_author = pl.col("before").str.contains("[【\\[]$") & pl.col("after").str.contains("^(?:研究所|研究|研报)?[】\\]]")
    # 美银给出的四季度净利息收入指引 is its own
    guides = pl.col("after").str.contains("^(?:则|亦|也)?给出的?(?:第?[一二三四下本]季|全年|下半年|20\\d\\d|Q\\d|业绩|财测|指引)")
    # 花旗将海岚科技目标价由45港元上调至52港元
    rates = pl.col("after").str.contains("^(?:则|亦|也|仍)?(?:将|把)[^,。;]{1,10}(?:目标价|评级|盈利预测)")
    # 汇丰则较审慎,估计公司上半年…
    return is_broker & ~guides & (pl.col("after").str.contains(f"^(?:(?:则|亦|也|仍|更|续)(?:[^,。;:]{{0,6}},)?)?(?:{words})") | is_author | rates)


@functools.lru_cache(maxsize=64)
def _words(lexicon: Lexicon, kind: str) -> list[str]:
    """Return the cue words of a kind, longest first."""
    words = lexicon["entity_cues"].filter(pl.col("kind") == kind)["word"].to_list()
    return sorted(words, key=lambda word: (-len(word), word))


def _beside_each_other(doubtful: pl.DataFrame, sure: pl.DataFrame) -> pl.DataFrame:
    """Return the doubtful names that a list joins to a sure one, with doubtful ones between: 三星、苹果、小米."""
    found = newest = _beside(doubtful, sure)
    for _ in range(_LONGEST_LIST):
        if newest.is_empty():
            break
        newest = _beside(doubtful, newest).join(found, on=["doc_id", "start_char", "entity"], how="anti")
        found = pl.concat([found, newest])
    return found


def _beside(doubtful: pl.DataFrame, sure: pl.DataFrame) -> pl.DataFrame:
    """Return the doubtful names that are joined to a sure one by 、 or 和: 蔚来、理想和小鹏."""
    joined = pl.col("after").str.contains("^[、和与及/]")
    follows = sure.filter(joined).select("doc_id", start_char=pl.col("end_char") + 1)
    precedes = sure.select("doc_id", end_char=pl.col("start_char") - 1)
    return pl.concat([
        doubtful.join(follows, on=["doc_id", "start_char"], how="semi"),
        doubtful.filter(joined).join(precedes, on=["doc_id", "end_char"], how="semi"),
    ])  # fmt: skip


def _find_introduced(introductions: list[Introduction], texts: pl.DataFrame) -> pl.DataFrame:
    """Return every place where a document uses a name it introduced."""
    names: dict[str, dict[str, Introduction]] = {}
    for introduction in introductions:
        names.setdefault(introduction.doc_id, {})[introduction.name] = introduction
    patterns = {doc_id: _alternatives(of_document) for doc_id, of_document in names.items()}
    rows = []
    for doc_id, at, text in texts.filter(pl.col("doc_id").is_in(list(names))).select("doc_id", "at", "text").iter_rows():
        for match in patterns[doc_id].finditer(text):
            introduction = names[doc_id][match.group()]
            rows.append((
                doc_id, at + match.start(), at + match.end(), match.group(), introduction.entity, "company", introduction.rule_id,
            ))  # fmt: skip
    return pl.DataFrame(rows, schema=_FOUND, orient="row")


def _alternatives(names: dict[str, Introduction]) -> re.Pattern[str]:
    """Return a pattern of the names, longest first, that tries at each place only those with its first letter."""
    by_letter: dict[str, list[str]] = {}
    for name in sorted(names, key=lambda name: (-len(name), name)):
        by_letter.setdefault(name[0], []).append(re.escape(name[1:]))
    letters = "".join(map(re.escape, by_letter))
    return re.compile(f"(?=[{letters}])(?:" + "|".join(f"{re.escape(letter)}(?:{'|'.join(ends)})" for letter, ends in by_letter.items()) + ")")


def _find_mended(reading: pl.DataFrame, repairs: pl.DataFrame, lexicon: Lexicon) -> pl.DataFrame:
    """Return names that only a correction of another length completes, at the place of the damaged ones: Blackwel, Core Weave?."""
    unread = repairs.filter("is_applied", pl.col("correction").str.len_chars() > pl.col("end_char") - pl.col("start_char"))
    blocks = reading.select("doc_id", "block_no", "read_text", at="start_char", until="end_char")
    windows = (
        unread.join(blocks, on="doc_id", maintain_order="left")
        .filter(pl.col("start_char") >= pl.col("at"), pl.col("end_char") <= pl.col("until"))
        .with_columns(place=pl.col("start_char") - pl.col("at"), past=pl.col("end_char") - pl.col("at"), size=pl.col("correction").str.len_chars().cast(pl.Int64))
        .with_columns(left=pl.col("read_text").str.slice(0, pl.col("place")).str.tail(_REACH), right=pl.col("read_text").str.slice(pl.col("past"), _REACH))
        .with_columns(text=pl.col("left") + pl.col("correction") + pl.col("right"), edge=pl.col("left").str.len_chars().cast(pl.Int64))
        .select("doc_id", "text", "edge", "size", repaired_start="start_char", repaired_end="end_char").with_row_index("row")
    )  # fmt: skip
    found = find_aliases(windows["text"], lexicon).join(windows, on="row", maintain_order="left")
    found = found.filter(pl.col("start_char") < pl.col("edge") + pl.col("size"), pl.col("end_char") > pl.col("edge"))
    names = known_names(lexicon).filter(~pl.col("is_ambiguous"))
    beyond = pl.col("end_char") - pl.col("edge") - pl.col("size")
    return found.join(names, on="key", maintain_order="left").with_columns(
        start_char=pl.col("repaired_start") + pl.min_horizontal(pl.col("start_char") - pl.col("edge"), 0),
        end_char=pl.col("repaired_end") + pl.max_horizontal(beyond, 0),
        rule_id=pl.lit("mentions.repair"),
    )  # fmt: skip


def _disjoint(found: pl.DataFrame) -> pl.DataFrame:
    """Return the mentions without those that lie in, or run into, a longer one."""
    found = found.sort("doc_id", "start_char", pl.col("end_char") * -1, "rule_id", maintain_order=True)
    keep, doc, end, last = [], None, 0, -1
    for index, (doc_id, start_char, end_char) in enumerate(found.select("doc_id", "start_char", "end_char").iter_rows()):
        if doc_id == doc and start_char < end:
            if end_char - start_char > end - found["start_char"][last]:
                keep[-1], end, last = index, end_char, index
            continue
        keep.append(index)
        doc, end, last = doc_id, end_char, index
    return found[keep]
