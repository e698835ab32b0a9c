"""A document's repaired text in the script a reader asks for; the raw text is never changed."""

import functools

import polars as pl

from transforms.conversion import one_sided_characters, read_dictionary, replace_pairs, s2t, t2s
from transforms.texts import write_texts

TARGETS = ("hans", "hant-tw", "hant-hk")
_VARIANTS = {"hant-tw": "TWVariants", "hant-hk": "HKVariants"}


def render_texts(documents: pl.DataFrame, blocks: pl.DataFrame, repairs: pl.DataFrame, target: str, with_vocabulary: bool = False) -> pl.DataFrame:
    """paragraphs of write_texts, with `text` in Simplified (hans), Taiwan's (hant-tw) or Hong Kong's (hant-hk) characters.

    Traditional text keeps its author's characters but for the forms that differ by place (裡, 裏). The wording stays too,
    unless `with_vocabulary` asks for the other side's words (软件, 軟體), for which OpenCC has a table of Taiwan's only.
    """
    if target not in TARGETS or (with_vocabulary and target == "hant-hk"):
        raise ValueError(f"cannot render {target}{' with its vocabulary' if with_vocabulary else ''}: choose {', '.join(TARGETS)}; words are known for hans and hant-tw")
    paragraphs = write_texts(documents, blocks, repairs, is_simplified=False)
    paragraphs = paragraphs.with_columns(text=_to_standard(paragraphs, documents))
    text = pl.col("text")
    if target == "hans":
        text = replace_pairs(text, read_dictionary("TWPhrasesRev")) if with_vocabulary else text
        return paragraphs.with_columns(t2s(text))
    text = replace_pairs(text, read_dictionary("TWPhrases")) if with_vocabulary else text
    return paragraphs.with_columns(replace_pairs(text, read_dictionary(_VARIANTS[target])))


def _to_standard(paragraphs: pl.DataFrame, documents: pl.DataFrame) -> pl.Series:
    """Return the paragraphs in OpenCC's own Traditional standard."""
    scripts = dict(documents.select("doc_id", "script").iter_rows())
    converted = paragraphs.select("doc_id", "text", back=s2t(t2s(pl.col("text"))))
    texts = [
        _keep_author(text, back) if _is_traditional(text, scripts[doc_id]) else back for doc_id, text, back in converted.iter_rows()
    ]
    return pl.Series("text", texts, dtype=pl.String)


def _is_traditional(text: str, script: str) -> bool:
    """Return whether a paragraph is Traditional; where its own characters do not tell, the document's script does."""
    simplified, traditional = one_sided_characters()
    balance = sum((character in traditional) - (character in simplified) for character in text)
    return balance > 0 or (balance == 0 and script == "hant")


def _keep_author(text: str, back: str) -> str:
    """Return Traditional `text` with its regional forms made standard: where the way back is another word, the author is right."""
    standard = _standard_forms()
    return "".join(
        converted if standard.get(written, written) == standard.get(converted, converted) else written
        for written, converted in zip(text, back, strict=True)
    )


@functools.cache
def _standard_forms() -> dict[str, str]:
    """Return regional form -> OpenCC's own: 裡 and 裏 are one character, 為 and 爲 too."""
    forward = [read_dictionary(name) for name in _VARIANTS.values()]
    return {form: standard for pairs in forward for standard, form in pairs.items()}
