"""Columns that several tables share: one type, one description, one set of checks each."""

import pandera.polars as pa


def doc_id(**more):
    """The document a row belongs to."""
    return pa.Field(str_matches=r"^[0-9a-f]{16}$", description="First 16 hex digits of the SHA-256 of the raw bytes.", **more)


def start_char(**more):
    """First code point of a span."""
    return pa.Field(ge=0, description="First code point of the span in documents.raw_text, counted from 0.", **more)


def end_char(**more):
    """One past the last code point of a span."""
    return pa.Field(ge=0, description="One past the last code point of the span: raw_text[start_char:end_char], in SQL raw_text[start_char+1:end_char].", **more)


def quote(**more):
    """The raw characters of a span."""
    return pa.Field(description="The raw characters of the span, exactly as in documents.raw_text.", **more)


def block_no(**more):
    """The block a row lies in."""
    return pa.Field(ge=0, description="Number of the block within the document, from 0.", **more)


def turn_no(**more):
    """The speaker turn a row lies in."""
    return pa.Field(ge=0, description="Number of the speaker turn within the document, from 0; null outside any turn.", **{"nullable": True, **more})


def rule_id(**more):
    """The lexicon card or function that produced a row."""
    return pa.Field(description="The rule that decided this row: a card of the rules table, or transform.step for built-in logic.", **more)


def value(**more):
    """A point in base units."""
    return pa.Field(nullable=True, description="The stated point in base units (393.31億美元 = 39331000000); null where the text states no point.", **more)


def low(**more):
    """Lower bound in base units."""
    return pa.Field(nullable=True, description="Lower bound in base units of a ranged or approximate quantity; null if unbounded or exact.", **more)


def high(**more):
    """Upper bound in base units."""
    return pa.Field(nullable=True, description="Upper bound in base units of a ranged or approximate quantity; null if unbounded or exact.", **more)


def unit(**more):
    """Unit of value, low and high."""
    return pa.Field(nullable=True, description="ISO 4217 code, percent (78, not 0.78), percentage_point, basis_point, multiple, count, or a physical unit.", **more)
