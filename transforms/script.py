"""Which script a text is in, whether a converter damaged it, and its Simplified form of the same length."""

import functools
import importlib.resources

import polars as pl

from transforms.lexicon import Lexicon

# Full-width ASCII ！..～ and the ideographic space fold one to one; NFKC as a whole would not (㈱ is one character, (株) three).
_WIDTH = {chr(code): chr(code - 0xFEE0) for code in range(0xFF01, 0xFF5F)} | {"\u3000": " ", "\u00a0": " "}


def read_script(inputs: pl.DataFrame, lexicon: Lexicon) -> pl.DataFrame:
    """documents: inputs plus `text` (Simplified, half-width, same length as raw_text), script, region, is_misconverted."""
    return inputs.with_columns(
        text=simplify(pl.col("raw_text")), script=pl.lit("neutral"), region=pl.lit(None, pl.String), is_misconverted=pl.lit(False)
    )


def simplify(column: pl.Expr) -> pl.Expr:
    """Return the strings in Simplified characters and half-width ASCII, code point for code point.

    Equal to opencc-python-reimplemented's `t2s` followed by width folding, in one leftmost-longest pass each.
    """
    patterns, replacements = _t2s()
    simplified = column.str.replace_many(patterns, replacements, leftmost=True)
    return simplified.str.replace_many(list(_WIDTH), list(_WIDTH.values()), leftmost=True)


@functools.cache
def _t2s() -> tuple[list[str], list[str]]:
    """Return the entries of t2s, longest first: identity entries stay, they keep shorter ones from matching inside."""
    pairs: dict[str, str] = {}
    for name in ("TSCharacters.txt", "TSPhrases.txt"):
        lines = importlib.resources.files("opencc").joinpath("dictionary", name).read_text(encoding="utf-8").splitlines()
        for key, _, values in (line.partition("\t") for line in lines if "\t" in line):
            pairs[key] = values.split(" ")[0]
    keys = sorted(pairs, key=len, reverse=True)
    return keys, [pairs[key] for key in keys]
