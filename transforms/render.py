"""A document's repaired text in the script a reader asks for; the raw text is never changed."""

import functools

import polars as pl

from transforms.conversion import one_sided_characters, read_dictionary, replace_pairs, s2t, t2s
from transforms.texts import write_texts

TARGETS = ("hans", "hant-tw", "hant-hk")
_FORMS = {"hant-tw": "TWVariants", "hant-hk": "HKVariants"}


def render_texts(documents: pl.DataFrame, blocks: pl.DataFrame, repairs: pl.DataFrame, target: str, with_vocabulary: bool = False) -> pl.DataFrame:
    """paragraphs of write_texts, with `text` in Simplified (hans), Taiwan's (hant-tw) or Hong Kong's (hant-hk) characters.

    Traditional text keeps its author's characters but for the forms that differ by place (裡, 裏). The wording stays too,
    unless `with_vocabulary` asks for the other side's words (软件, 軟體), for which OpenCC has a table of Taiwan's only.
    """
    if target not in TARGETS or (with_vocabulary and target == "hant-hk"):
        raise ValueError(f"cannot render {target}{' with its vocabulary' if with_vocabulary else ''}: choose {', '.join(TARGETS)}; words are known for hans and hant-tw")
    paragraphs = write_texts(documents, blocks, repairs, is_simplified=False)
    text = pl.col("text")
    if target == "hans":
        text = replace_pairs(text, read_dictionary("TWPhrasesRev")) if with_vocabulary else text
        return paragraphs.with_columns(t2s(text))
    forms = read_dictionary(_FORMS[target])
    paragraphs = paragraphs.with_columns(text=_to_traditional(paragraphs, documents, forms))
    return paragraphs.with_columns(replace_pairs(text, read_dictionary("TWPhrases") | forms)) if with_vocabulary else paragraphs


def _to_traditional(paragraphs: pl.DataFrame, documents: pl.DataFrame, forms: dict[str, str]) -> pl.Series:
    """Return the paragraphs in Traditional characters, with the regional `forms` of OpenCC's standard ones."""
    scripts = dict(documents.select("doc_id", "script").iter_rows())
    converted = paragraphs.select("doc_id", "text", back=s2t(t2s(pl.col("text"))))
    texts = [
        "".join(_pick(written, standard, forms) for written, standard in zip(text, back, strict=True))
        if _is_traditional(text, scripts[doc_id])
        else "".join(forms.get(standard, standard) for standard in back)
        for doc_id, text, back in converted.iter_rows()
    ]
    return pl.Series("text", texts, dtype=pl.String)


def _is_traditional(text: str, script: str) -> bool:
    """Return whether a paragraph is Traditional; where its own characters do not tell, the document's script does."""
    simplified, traditional = one_sided_characters()
    balance = sum((character in traditional) - (character in simplified) for character in text)
    return balance > 0 or (balance == 0 and script == "hant")


def _pick(written: str, standard: str, forms: dict[str, str]) -> str:
    """Return the target's form of a Traditional character, or the author's own where the way back makes it another one.

    台 is left to the author: OpenCC knows 臺 only, but 台積電 writes itself so.
    """
    return forms.get(standard, standard) if written in _forms_of(standard) else written


@functools.cache
def _forms_of(standard: str) -> frozenset[str]:
    """Return a character of OpenCC's standard with its regional forms: 裏 and 裡."""
    in_taiwan, in_hong_kong = (read_dictionary(name) for name in _FORMS.values())
    return frozenset({standard, in_taiwan.get(standard, standard), in_hong_kong.get(standard, standard)} - {"台"})
