"""blocks: the pieces a document is made of, and what each of them is."""

import html
import re
from collections.abc import Iterator

import polars as pl

from schemas.blocks import Blocks
from transforms.passages import are_captions

# Kinds that a mark may give to a block that stays; the other labels of a mark that does not drop are doubts.
_KEPT_LABELS = ("title", "source", "dateline", "byline", "heading", "commentary", "quote", "disclaimer", "url")
_TURN_KINDS = {"question": "qa_question", "answer": "qa_answer", "comment": "social_comment", "quotation": "quote"}
# (注:CUDA是一种并行计算平台。) is the author's remark; (一) and (002156.SZ) are not.
_COMMENTARY = r"^(?:\([^()]{8,}(?:\([^()]*\)[^()]*)*\)|\[[^\[\]]{12,}\])[。.]?$"
_QUOTE = r"^[“「『\"][^“”「」『』\"]{10,}[”」』\"]$"
_HEADING = r"^[^。!?;,…]{1,24}[?!]?$|^(?:[一二三四五六七八九十]{1,3}[、.]|\([一二三四五六七八九十]{1,3}\)|第[一二三四五六七八九十]{1,3}[章节部分]|\d{1,2}[、.])[^。;…]{2,36}$"

# One code point each, so that offsets stay: every line break becomes \n, every invisible character a blank.
_BREAKS = {"\r\n": " \n", "\r": "\n", "\x0b": "\n", "\x0c": "\n", "\x85": "\n", "\u2028": "\n", "\u2029": "\n"}
_BLANKS = dict.fromkeys("\u200b\u200c\u200d\u2060\ufeff\xa0\u3000", " ")
_FOLDED = _BREAKS | _BLANKS

# What scraping leaves of a page's markup. Tags that end a line on the page end one here, the others become blanks.
_BLOCK_TAGS = "address|article|aside|blockquote|br|center|dd|div|dl|dt|figcaption|figure|footer|form|h[1-6]|header|hr|li|nav|ol|p|pre|section|table|tbody|td|th|thead|tr|ul"
_INLINE_TAGS = "a|abbr|b|big|button|code|em|font|i|iframe|img|input|ins|label|o:p|path|s|small|span|strike|strong|sub|sup|svg|u|video"
_RESIDUE = re.compile(
    r"(?=[<&\\!\[])(?:"  # to see that none of these begins here takes a third of the time to try them all
    r"<(?P<hidden>script|style)\b[^>]*>.*?</(?P=hidden)>|<!--.*?-->"
    rf"|(?P<block></?(?:{_BLOCK_TAGS})\b[^<>]*>)|</?(?:{_INLINE_TAGS})\b[^<>]*>"
    r"|&(?P<entity>(?:nbsp|ensp|emsp|amp|lt|gt|quot|ldquo|rdquo|hellip|mdash|middot|#\d{2,5})(?:;|(?![A-Za-z0-9]))|(?:#x[0-9a-f]{2,5}|[a-z]{2,8});)"
    # 他说:\n\n好, but neither \T, C:\new nor a name before it (GPU\next)
    r"|(?:(?<![A-Za-z\\])(?<![A-Za-z]:)|(?<=[A-Za-z])(?-i:(?=(?:\\[nr])+(?![a-z]))))(?P<escape>(?-i:(?:\\[nrt])+))"
    # ![图](a.png) is no text; of [公告](https://…) the words are
    r"|!\[[^\]\n]*\]\([^()\n]*\)|\[(?P<words>[^\[\]\n]{1,80})\]\((?:https?:|/|#|javascript:)[^()\n]*\)"
    # what is left of a tag whose beginning was cut off: class="a">
    r")|(?=[a-z])(?<![\w<])(?:[a-z][a-z0-9:\-]*=(?:\"[^\"<>\n]*\"|'[^'<>\n]*')\s*)+/?>",
    re.DOTALL | re.IGNORECASE,
)
_HAS_RESIDUE = rf"(?i)<(?:/|!--|(?:{_BLOCK_TAGS}|{_INLINE_TAGS}|script|style)[\s>/])|&(?:[a-z]{{2,8}}|#x?[0-9a-f]{{2,5}});|\\[nrt]|\]\((?:https?:|/|#|javascript:|[^)\n]*\.(?:png|jpe?g|gif|webp))|=[\"'][^\"'<>\n]*[\"']\s*/?>"
# A paragraph's indentation in the middle of a line: 。　　公司
_INDENT = re.compile(r"\u3000(?<=[。！？!?…”」』）)]\u3000)\u3000+(?=\S)")  # found by its first blank, which is rarer than a stop
_HAS_INDENT = "[。！？!?…”」』）)]\u3000\u3000"

# A page that lost all its breaks is one line of several paragraphs; it is cut after sentences.
_FLAT_CHARS, _FLAT_SHARE, _GROUP_CHARS = 800, 0.6, 200
_SENTENCE_END = re.compile(r"[。!?…]+[”」』\")\]]*\s*")
# Lines of a text that was wrapped at a fixed width: columns, as a hanzi takes two.
_WRAP_LINES, _WRAP_COLUMNS, _WRAP_SLACK = 8, (30, 120), 4


def split_blocks(documents: pl.DataFrame) -> pl.DataFrame:
    """blocks: one row per paragraph, located in the raw text (doc_id, block_no, start_char, end_char, text, and score, still null).

    A paragraph is a non-blank line, with two exceptions: lines wrapped at a fixed width are joined, and a page that came as
    one line is cut into groups of sentences. Markup left in the text is blank in `text` and counts as no character.
    """
    lines = documents.select("doc_id", line=_lay_out(documents).str.split("\n")).explode("line", empty_as_null=True)
    lines = lines.with_columns(size=pl.col("line").str.len_chars().cast(pl.Int64) + 1)
    lines = lines.with_columns(start_char=pl.col("size").cum_sum().over("doc_id") - pl.col("size"))
    lines = lines.with_columns(line_no=pl.int_range(pl.len()).over("doc_id"), indent=_indent(pl.col("line")))
    lines = _trim(lines.select("doc_id", "start_char", "line_no", "indent", text="line"))
    return _number(_trim(_cut_flat(_join_wrapped(lines)))).with_columns(score=pl.lit(None, pl.Float64))


def _lay_out(documents: pl.DataFrame) -> pl.Series:
    """Return `text` with every line break as \\n and what is not text as blanks, code point for code point."""
    text = documents["text"].str.replace_many(list(_FOLDED), list(_FOLDED.values()), leftmost=True)
    has_residue, has_indent = text.str.contains(_HAS_RESIDUE), documents["raw_text"].str.contains(_HAS_INDENT)
    if has_residue.any():
        text = pl.Series([_RESIDUE.sub(_blank, line) if untidy else line for line, untidy in zip(text, has_residue, strict=True)], dtype=pl.String)
    if has_indent.any():
        pairs = zip(documents["raw_text"], text, has_indent, strict=True)
        text = pl.Series([_break_indented(raw, line) if indented else line for raw, line, indented in pairs], dtype=pl.String)
    return text


def _break_indented(raw: str, text: str) -> str:
    """Return the text with a break before each indentation in the middle of a line, as long as before."""
    pieces, at = [], 0
    for match in _INDENT.finditer(raw):
        pieces += [text[at : match.start()], "\n"]
        at = match.start() + 1
    return "".join([*pieces, text[at:]])


def _blank(match: re.Match) -> str:
    """Return what stands for a piece of markup: a line break, a character or nothing, and blanks up to its length."""
    if match["hidden"] or match["block"] or match["escape"]:
        sign = "\n"
    elif match["words"]:
        sign = " " + match["words"]
    elif match["entity"]:
        sign = html.unescape(f"&{match['entity'].removesuffix(';').lower()};")
        if len(sign) > 1:
            return match[0]  # R&Disc; is no entity
        sign = sign if sign.isprintable() else " "
    else:
        sign = ""
    return sign.ljust(match.end() - match.start())


def _indent(line: pl.Expr) -> pl.Expr:
    """Return how many blanks the lines begin with."""
    return line.str.len_chars().cast(pl.Int64) - line.str.strip_chars_start().str.len_chars().cast(pl.Int64)


def _join_wrapped(lines: pl.DataFrame) -> pl.DataFrame:
    """Return the lines, those that continue a wrapped one joined to it with the blanks between them.

    A document is wrapped if most of its lines are equally wide, none is wider, and most of those end inside a sentence.
    """
    text = pl.col("text")
    columns = (text.str.len_chars() + text.str.len_bytes()).cast(pl.Int64) // 2 + pl.col("indent")
    lines = lines.with_columns(columns=columns).with_columns(width=pl.col("columns").quantile(0.8).over("doc_id"))
    is_full = (pl.col("columns") - pl.col("width")).abs() <= _WRAP_SLACK
    is_open = is_full & ~text.str.contains(r"[。!?…:;”」|]$")
    is_wrapped = (
        (pl.len() >= _WRAP_LINES) & pl.col("width").first().is_between(*_WRAP_COLUMNS) & (is_full.mean() >= 0.5)
        & (is_open.sum() >= 0.6 * is_full.sum()) & (pl.col("columns").max() <= pl.col("width").first() + _WRAP_SLACK)
    )  # fmt: skip
    wrapped = lines.group_by("doc_id").agg(is_wrapped=is_wrapped).filter("is_wrapped")
    if wrapped.is_empty():
        return lines.select("doc_id", "start_char", "text")
    follows = (pl.col("line_no").shift(1) == pl.col("line_no") - 1) & is_full.shift(1) & (pl.col("indent") <= pl.col("indent").shift(1))
    joined = lines.join(wrapped, on="doc_id", how="left", maintain_order="left")
    joined = joined.with_columns(joins=(pl.col("is_wrapped") & follows.over("doc_id")).fill_null(False))
    joined = joined.with_columns(paragraph=(~pl.col("joins")).cum_sum())
    until = pl.when(pl.col("joins").shift(-1)).then(pl.col("start_char").shift(-1)).otherwise("end_char")
    joined = joined.with_columns(text=text.str.pad_end((until - pl.col("start_char")).fill_null(0)))
    return joined.group_by("paragraph", maintain_order=True).agg(pl.col("doc_id", "start_char").first(), text.str.join("")).drop("paragraph")


def _cut_flat(blocks: pl.DataFrame) -> pl.DataFrame:
    """Return the blocks; one that holds most of a long document in a single line is cut into groups of sentences."""
    size = pl.col("text").str.len_chars()
    is_flat = (size >= _FLAT_CHARS) & (size >= _FLAT_SHARE * size.sum().over("doc_id"))
    flat = blocks.filter(is_flat)
    if flat.is_empty():
        return blocks.select("doc_id", "start_char", "text")
    rows = [
        (doc_id, start_char + at, piece)
        for doc_id, start_char, text in flat.select("doc_id", "start_char", "text").iter_rows()
        for at, piece in _cut_sentences(text)
    ]
    pieces = pl.DataFrame(rows, schema={"doc_id": pl.String, "start_char": pl.Int64, "text": pl.String}, orient="row")
    order = blocks.select(pl.col("doc_id").unique(maintain_order=True)).with_row_index("order")
    blocks = pl.concat([blocks.filter(~is_flat).select("doc_id", "start_char", "text"), pieces]).join(order, on="doc_id")
    return blocks.sort("order", "start_char").drop("order")


def _cut_sentences(text: str) -> Iterator[tuple[int, str]]:
    """Yield offset and text of the sentence groups of a line, each at least _GROUP_CHARS long but the last."""
    at = 0
    for match in _SENTENCE_END.finditer(text):
        if match.end() - at >= _GROUP_CHARS and len(text) - match.end() >= _GROUP_CHARS // 4:
            yield at, text[at : match.end()]
            at = match.end()
    yield at, text[at:]


def _trim(blocks: pl.DataFrame) -> pl.DataFrame:
    """Return the blocks without blanks around their text, and without those that are all blank."""
    trimmed = pl.col("text").str.strip_chars()
    lead = pl.col("text").str.len_chars() - pl.col("text").str.strip_chars_start().str.len_chars()
    blocks = blocks.with_columns(start_char=pl.col("start_char") + lead.cast(pl.Int64), text=trimmed)
    blocks = blocks.filter(pl.col("text") != "")
    return blocks.with_columns(end_char=pl.col("start_char") + pl.col("text").str.len_chars().cast(pl.Int64))


def _number(blocks: pl.DataFrame) -> pl.DataFrame:
    """Return the blocks, which are in reading order, with block_no from 0 in each document."""
    block_no = pl.int_range(pl.len(), dtype=pl.Int64).over("doc_id")
    return blocks.select("doc_id", block_no.alias("block_no"), "start_char", "end_char", "text")


def judge_blocks(blocks: pl.DataFrame, marks: pl.DataFrame, turns: pl.DataFrame) -> pl.DataFrame:
    """blocks: split blocks with kind, is_kept, score, rule_id and turn_no.

    A block of which only a part is dropped (a trailing 责任编辑) is cut at the edges of that part, so that `is_kept`
    speaks for whole blocks and they still tile the document.
    """
    marks = _locate(marks, blocks)
    pieces = _cut_at_marks(blocks, marks)
    pieces = _join_marks(pieces, marks)
    pieces = _join_turns(pieces, turns)
    return Blocks.select(_judge_kinds(pieces))


def _locate(spans: pl.DataFrame, blocks: pl.DataFrame) -> pl.DataFrame:
    """Return the spans with block_start and block_end of the block each begins in; spans outside any are left out."""
    holders = blocks.select("doc_id", block_start="start_char", block_end="end_char").sort("doc_id", "block_start")
    located = spans.sort("doc_id", "start_char").join_asof(
        holders, left_on="start_char", right_on="block_start", by="doc_id", strategy="backward", check_sortedness=False
    )
    return located.filter(pl.col("start_char") < pl.col("block_end"))


def _cut_at_marks(blocks: pl.DataFrame, marks: pl.DataFrame) -> pl.DataFrame:
    """Return the blocks, those that dropping marks cover in part cut into pieces, with block_start of the whole block."""
    blocks = blocks.with_columns(block_start="start_char")
    key = ["doc_id", "block_start"]
    inner = marks.filter("is_dropping", (pl.col("start_char") > pl.col("block_start")) | (pl.col("end_char") < pl.col("block_end")))
    if inner.is_empty():
        return blocks
    ends = pl.min_horizontal("end_char", "block_end")
    edges = pl.concat([inner.select(*key, edge=edge) for edge in (pl.col("block_start"), pl.col("start_char"), ends)])
    edges = edges.unique().sort(*key, "edge")
    pieces = edges.join(blocks.drop("start_char"), on=key).with_columns(
        until=pl.col("edge").shift(-1).over(key).fill_null(pl.col("end_char"))
    )
    pieces = pieces.filter(pl.col("until") > pl.col("edge")).select(
        "doc_id", "block_start", start_char="edge", text=pl.col("text").str.slice(pl.col("edge") - pl.col("block_start"), pl.col("until") - pl.col("edge"))
    )
    whole = blocks.join(edges, on=key, how="anti")
    columns = ["doc_id", "start_char", "text", "block_start"]
    pieces = _trim(pl.concat([whole.select(columns), pieces.select(columns)]).sort("doc_id", "start_char"))
    pieces = _number(pieces).with_columns(pieces["block_start"])
    scores = blocks.select(*key, "score")
    return pieces.join(scores, on=key, how="left", maintain_order="left")


def _join_marks(pieces: pl.DataFrame, marks: pl.DataFrame) -> pl.DataFrame:
    """Return the pieces with label, rule_id and is_kept of the mark that decides each."""
    key = ["doc_id", "start_char"]
    covers = (pl.col("mark_start") <= pl.col("start_char")) & (pl.col("mark_end") >= pl.col("end_char"))
    marks = marks.rename({"start_char": "mark_start", "end_char": "mark_end", "score": "mark_score"}).drop("block_end")
    judged = pieces.join(marks, on=["doc_id", "block_start"]).filter(covers)
    judged = judged.sort(*key, "is_dropping", "mark_score", "rule_id", descending=[False, False, True, True, False])
    deciding = judged.filter(pl.col("is_dropping") | pl.col("label").is_in(_KEPT_LABELS)).unique(key, keep="first", maintain_order=True)
    deciding = deciding.select(*key, "label", "rule_id", is_kept=~pl.col("is_dropping"))
    pieces = pieces.join(deciding, on=key, how="left", maintain_order="left")
    return pieces.with_columns(pl.col("is_kept").fill_null(True))


def _join_turns(pieces: pl.DataFrame, turns: pl.DataFrame) -> pl.DataFrame:
    """Return the pieces with turn_no and role of the turn each begins in.

    A comment is a post where readers comment too; in a text without commenters (老黄:我们致力于…) it is a quotation.
    """
    is_quoted = (pl.col("role") == "comment") & ~(pl.col("speaker") == "commenter").any().over("doc_id")
    role = pl.when(is_quoted).then(pl.lit("quotation")).otherwise("role")
    spans = turns.select("doc_id", "turn_no", role=role, turn_start="start_char", turn_end="end_char").sort("doc_id", "turn_start")
    joined = pieces.sort("doc_id", "start_char").join_asof(
        spans, left_on="start_char", right_on="turn_start", by="doc_id", strategy="backward", check_sortedness=False
    )
    inside = pl.col("start_char") < pl.col("turn_end")
    return joined.with_columns(pl.when(inside).then(pl.col(name)).alias(name) for name in ("turn_no", "role"))


def _judge_kinds(pieces: pl.DataFrame) -> pl.DataFrame:
    """Return the pieces with kind, and rule_id where the shape of the line decided it.

    The author's bracketed remark stays the author's inside a turn too: (注:…) in a quoted post is commentary. Captions (净利润只有 / 6.5亿元) have no
    stops, and are no headings.
    """
    text = pl.col("text")
    is_followed = (pl.col("doc_id").shift(-1) == pl.col("doc_id")) & pl.col("is_kept").shift(-1).fill_null(False)
    shape = (
        pl.when(text.str.contains(_COMMENTARY)).then(pl.lit("commentary"))
        .when(pl.col("role").is_not_null()).then(pl.col("role").replace_strict(_TURN_KINDS, default=None))
        .when(text.str.contains(_QUOTE)).then(pl.lit("quote"))
        .when(text.str.contains(_HEADING) & is_followed & ~are_captions(text).over("doc_id")).then(pl.lit("heading"))
        .otherwise(pl.lit("body"))
    )  # fmt: skip
    rule_id = pl.when(shape.is_in(["commentary", "quote", "heading"])).then(pl.concat_str(pl.lit("blocks."), shape))
    return pieces.with_columns(kind=pl.coalesce("label", shape), rule_id=pl.coalesce("rule_id", rule_id))
