"""documents: one row per distinct input text."""

from typing import Annotated

import pandera.polars as pa
import polars as pl

from schemas import fields
from schemas.base import Table
from schemas.vocabulary import REGIONS, SCRIPTS, SOURCE_FORMATS


class Inputs(Table):
    """Decoded source texts, before any judgement: what readers hand to transforms.pipeline.process."""

    doc_id: str = fields.doc_id(unique=True)
    source_path: str = pa.Field(description="Path or URL the bytes came from, with '#row' appended for a row of a table file.")
    byte_count: pl.Int64 = pa.Field(ge=0, description="Length of the raw bytes.")
    encoding: str = pa.Field(description="Encoding the bytes were decoded with, as Python names it: utf-8, gb18030, big5hkscs, utf-16-le.")
    source_format: str = pa.Field(isin=SOURCE_FORMATS, description="Kind of file the text was read from.")
    raw_text: str = pa.Field(description="The decoded text, unchanged: every span of every table counts code points of this column.")
    title: str = pa.Field(nullable=True, description="Headline of the article, Simplified; null if the text has none.")
    publisher: str = pa.Field(nullable=True, description="Site, account or agency that published the text, as it names itself.")
    author: str = pa.Field(nullable=True, description="Byline: who wrote the text.")
    url: str = pa.Field(nullable=True, description="Address of the page, where the text or its metadata gives one.")
    published_at: Annotated[pl.Datetime, "us", None] = pa.Field(nullable=True, description="When the text was published, in the publisher's local time; anchors 今年, 去年, 上个季度.")

    class Config:
        name = "inputs"
        unique = ["doc_id"]


class Documents(Inputs):
    """One row per distinct input text: where it came from, what it says about itself, and how it was judged."""

    script: str = pa.Field(isin=SCRIPTS, description="Script the text is written in: hans, hant, mixed, or neutral where nothing tells (ISO 15924).")
    region: str = pa.Field(isin=REGIONS, nullable=True, description="tw or hk where character and word evidence points to one; null otherwise.")
    is_misconverted: bool = pa.Field(description="Traditional text made by a careless converter (方麵, 隻是): at least 3 and 5 per 10,000 hanzi wrongly converted characters.")
    duplicate_of: str = pa.Field(nullable=True, description="doc_id of the document that this one repeats: the same kept text in either script, or nearly (7 of 10 shingles) with no figure or date of its own; null for originals.")
    superseded_by: str = pa.Field(nullable=True, description="doc_id of the later content of the same source_path; null while current.")
    kept_share: float = pa.Field(ge=0, le=1, description="Share of the non-blank characters that lie in kept blocks.")
    rules_version: str = pa.Field(description="Hash of the lexicon and of the transforms that judged this document.")
    batch_id: str = pa.Field(description="Batch the document was processed in; names its Parquet parts.")

    class Config:
        name = "documents"
        unique = ["doc_id"]
