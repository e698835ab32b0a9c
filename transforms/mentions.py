"""mentions: where entities are named."""

import polars as pl

from schemas.quantities import Mentions
from transforms.aliases import find_aliases, known_names
from transforms.lexicon import Lexicon


def find_mentions(documents: pl.DataFrame, reading: pl.DataFrame, repairs: pl.DataFrame, lexicon: Lexicon) -> pl.DataFrame:
    """mentions: entities of the lexicon and those the text itself introduces, in kept blocks (columns of blocks plus read_text)."""
    named = _find_known(reading, lexicon)
    return Mentions.select(_quote(named, documents))


def _find_known(reading: pl.DataFrame, lexicon: Lexicon) -> pl.DataFrame:
    """Return doc_id, block_no, start_char, end_char, entity, type, rule_id of the lexicon's names that are sure enough."""
    found = find_aliases(reading["read_text"], lexicon)
    blocks = reading.select("doc_id", "block_no", at="start_char").with_row_index("row")
    found = found.join(blocks, on="row", maintain_order="left").with_columns(pl.col("start_char") + pl.col("at"), pl.col("end_char") + pl.col("at"))
    candidates = found.join(known_names(lexicon), on="key", maintain_order="left").filter(
        ~pl.col("is_ambiguous") | (pl.col("surface") == pl.col("alias"))
    )
    sure = candidates.filter(~pl.col("is_ambiguous"))
    doubtful = candidates.filter("is_ambiguous").join(sure.select("doc_id", "entity").unique(), on=["doc_id", "entity"], maintain_order="left")
    return (
        pl.concat([sure, doubtful]).unique(["doc_id", "start_char"], keep="first", maintain_order=True)
        .with_columns(rule_id=pl.lit("mentions.alias"))
    )  # fmt: skip


def _quote(named: pl.DataFrame, documents: pl.DataFrame) -> pl.DataFrame:
    """Return the mentions with the raw characters they stand on."""
    raw = documents.select("doc_id", "raw_text")
    return named.join(raw, on="doc_id", maintain_order="left").with_columns(
        quote=pl.col("raw_text").str.slice(pl.col("start_char"), pl.col("end_char") - pl.col("start_char"))
    )


def document_subjects(documents: pl.DataFrame, reading: pl.DataFrame, mentions: pl.DataFrame) -> pl.DataFrame:
    """Return doc_id and entity: the company a document is about, null where it names none.

    The company named most often, the earlier one where two are named as often.
    """
    companies = mentions.filter(pl.col("type") == "company")
    ranked = (
        companies.group_by("doc_id", "entity").agg(count=pl.len(), first=pl.col("start_char").min())
        .sort("doc_id", pl.col("count") * -1, "first")
        .group_by("doc_id", maintain_order=True).first()
    )  # fmt: skip
    return documents.select("doc_id").join(ranked.select("doc_id", "entity"), on="doc_id", how="left", maintain_order="left")
