"""Which script a text is in, whether a converter damaged it, and its Simplified form of the same length."""

import functools

import polars as pl

from transforms.conversion import Pairs, one_sided_characters, replace_pairs, t2s
from transforms.lexicon import Lexicon
from transforms.misconversion import find_misconversions

# Full-width ASCII ！..～ and the ideographic space fold one to one; NFKC as a whole would not (㈱ is one character, (株) three).
_WIDTH: Pairs = {chr(code): chr(code - 0xFEE0) for code in range(0xFF01, 0xFF5F)}
# Blanks of every width become one blank, and so do zero-width characters, which keeps the place of all that follows.
# Tabs and line ends stay: they are layout that split_blocks reads.
_BLANKS = "\u00a0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u202f\u205f\u3000"
_INVISIBLE = "\u00ad\u180e\u200b\u200c\u200d\u200e\u200f\u2060\u2061\u2062\u2063\u2064\ufeff"
# Small and upright forms that papers of Hong Kong and Taiwan set: 主席﹕, 劉聰︰; and the ratio sign as a colon.
_SMALL: Pairs = dict(zip("﹐﹔﹕︰∶﹖﹗﹙﹚", ",;:::?!()", strict=True))
_FOLDS: Pairs = _WIDTH | _SMALL | dict.fromkeys(_BLANKS + _INVISIBLE, " ")

_HANZI = r"[\u3400-\u4dbf\u4e00-\u9fff\U00020000-\U0003ffff]"
# A text is of one script if fewer than one in ten telling characters speak for the other: names keep theirs (乾隆, 陳).
_ONE_SCRIPT = 0.9
# Region is evidence: at least three words, two of them different (營收 alone is also what a converted mainland text says), and
# three in four from one place: papers of Hong Kong write 資訊 and 裡 too.
_REGION_WORDS, _DIFFERENT_WORDS, _ONE_REGION = 3, 2, 0.75
# A careless converter shows in many characters; a native text has a slip now and then.
_WRONG_AT_LEAST, _WRONG_PER_10_000 = 3, 5


def read_script(inputs: pl.DataFrame, lexicon: Lexicon) -> pl.DataFrame:
    """documents: inputs plus `text` (Simplified, half-width, same length as raw_text), script, region, is_misconverted.

    Working columns tell what the judgement rests on: hanzi_count, hant_count, hans_count, tw_count, hk_count, and
    `misconversions`, the list of wrongly converted characters with their corrections.
    """
    simplified, traditional = (f"[{''.join(sorted(characters))}]" for characters in one_sided_characters())
    documents = inputs.with_columns(
        simplified=simplify(pl.col("raw_text")),
        hanzi_count=pl.col("raw_text").str.count_matches(_HANZI),
        hant_count=pl.col("raw_text").str.count_matches(traditional),
        hans_count=pl.col("raw_text").str.count_matches(simplified),
        region_words=_find_words(lexicon),
    ).with_columns(script=_name_script(), tw_count=_count_words("tw", lexicon), hk_count=_count_words("hk", lexicon))
    documents = documents.with_columns(text=_settle_words(lexicon), misconversions=find_misconversions(documents, lexicon))
    documents = documents.with_columns(is_misconverted=_is_misconverted())
    return documents.with_columns(region=_name_region()).drop("simplified", "region_words")


def simplify(column: pl.Expr) -> pl.Expr:
    """Return the strings in Simplified characters and half-width ASCII, code point for code point.

    Equal to opencc-python-reimplemented's `t2s` followed by the folding of width, blanks and zero-width characters.
    """
    return fold_width(t2s(column))


def fold_width(column: pl.Expr) -> pl.Expr:
    """Return the strings with full-width ASCII made half-width and every exotic or zero-width blank made a blank."""
    return replace_pairs(column, _FOLDS)


def _name_script() -> pl.Expr:
    """Return hans, hant, mixed or neutral from the counts of one-sided characters."""
    telling = pl.col("hans_count") + pl.col("hant_count")
    return (
        pl.when(telling == 0).then(pl.lit("neutral"))
        .when(pl.col("hans_count") >= _ONE_SCRIPT * telling).then(pl.lit("hans"))
        .when(pl.col("hant_count") >= _ONE_SCRIPT * telling).then(pl.lit("hant"))
        .otherwise(pl.lit("mixed"))
    )  # fmt: skip


def _find_words(lexicon: Lexicon) -> pl.Expr:
    """Return the words and character forms of a text that only one region uses.

    The 年增 in 按年增 is not Taiwan's: the words of all regions are looked for at once, the longest first.
    """
    words = lexicon["script_regions"].sort(pl.col("word").str.len_chars(), descending=True)["word"].to_list()
    return pl.col("raw_text").str.extract_many(words, leftmost=True) if words else pl.lit([], pl.List(pl.String))


def _count_words(region: str, lexicon: Lexicon) -> pl.Expr:
    """Return how often a text uses words that only `region` uses; 0 for one word again and again."""
    of_region = lexicon["script_regions"].filter(pl.col("region") == region)["word"].to_list()
    if not of_region:
        return pl.lit(0)
    found = pl.col("region_words").list.eval(pl.element().filter(pl.element().is_in(of_region)))
    return pl.when(found.list.n_unique() >= _DIFFERENT_WORDS).then(found.list.len()).otherwise(0)


def _name_region() -> pl.Expr:
    """Return tw or hk where the words of a Traditional text say so; a converter's characters are no evidence of a place."""
    found = pl.col("tw_count") + pl.col("hk_count")
    can_tell = pl.col("script").is_in(["hant", "mixed"]) & ~pl.col("is_misconverted") & (found >= _REGION_WORDS)
    return (
        pl.when(can_tell & (pl.col("tw_count") >= _ONE_REGION * found)).then(pl.lit("tw"))
        .when(can_tell & (pl.col("hk_count") >= _ONE_REGION * found)).then(pl.lit("hk"))
        .otherwise(pl.lit(None, pl.String))
    )  # fmt: skip


def _settle_words(lexicon: Lexicon) -> pl.Expr:
    """Return the Simplified text with the characters put right that t2s leaves to context: 随著 -> 随着, but 著名.

    In a Traditional text every 著 that is in none of the listed words is the particle; elsewhere it stays.
    """
    words, alone = _word_pairs(lexicon)
    if not words:
        return pl.col("simplified")
    return (
        pl.when(pl.col("script") == "hant").then(replace_pairs(pl.col("simplified"), words | alone))
        .otherwise(replace_pairs(pl.col("simplified"), words))
    )  # fmt: skip


@functools.lru_cache
def _word_pairs(lexicon: Lexicon) -> tuple[Pairs, Pairs]:
    """Return the words that t2s leaves wrong or that must stay as they are, and the bare characters."""
    words: Pairs = {}
    alone: Pairs = {}
    for card in lexicon["script_words"].iter_rows(named=True):
        words |= {word: word.replace(card["found"], card["expected"]) for word in card["changed_words"]}
        words |= {word: word for word in card["kept_words"]}
        alone[card["found"]] = card["expected"]
    return words, alone


def _is_misconverted() -> pl.Expr:
    """Return whether at least 3 characters and 5 of 10,000 are wrongly converted."""
    wrong = pl.col("misconversions").list.eval(pl.element().struct.field("is_evidence").sum()).list.first()
    return (wrong >= _WRONG_AT_LEAST) & (wrong * 10_000 >= _WRONG_PER_10_000 * pl.col("hanzi_count"))

