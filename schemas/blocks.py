"""blocks and marks: the pieces of a document, and why some of them do not belong."""

import pandera.polars as pa
import polars as pl

from schemas import fields
from schemas.base import Table
from schemas.vocabulary import BLOCK_KINDS, HOLDINGS


class Blocks(Table):
    """Non-blank lines (or paragraphs) of a document, located in its raw text; blocks do not overlap and cover all that is not blank."""

    doc_id: str = fields.doc_id()
    block_no: pl.Int64 = fields.block_no()
    start_char: pl.Int64 = fields.start_char()
    end_char: pl.Int64 = fields.end_char()
    text: str = pa.Field(description="The block in Simplified characters and half-width ASCII; as many code points as the raw slice, so offsets carry over.")
    kind: str = pa.Field(isin=BLOCK_KINDS, description="What the block is: title, body, qa_question, site_boilerplate, spliced…")
    is_kept: bool = pa.Field(description="Whether the block belongs to the article: false exactly where a dropping mark covers it.")
    score: float = pa.Field(ge=0, le=1, nullable=True, description="Probability of being foreign to the article, from the splice detector; null where it did not judge.")
    rule_id: str = fields.rule_id(nullable=True)
    turn_no: pl.Int64 = fields.turn_no()

    class Config:
        name = "blocks"
        unique = ["doc_id", "block_no"]


class Marks(Table):
    """Why a span is boilerplate, spliced, a byline…: a label with its reason. Nothing is cut; is_kept is what no dropping mark covers."""

    doc_id: str = fields.doc_id()
    start_char: pl.Int64 = fields.start_char()
    end_char: pl.Int64 = fields.end_char()
    rule_id: str = fields.rule_id()
    label: str = pa.Field(isin=BLOCK_KINDS, description="Block kind that the rule claims for the span.")
    score: float = pa.Field(ge=0, le=1, description="How sure the rule is; 1 for a card.")
    is_dropping: bool = pa.Field(description="Whether the span is taken out of the kept text. A review verdict marks without dropping.")
    reason: str = pa.Field(description="For a reader: why this span is what the label says.")
    holds: str = pa.Field(
        nullable=True, isin=HOLDINGS, description="What a dropped span holds that is worth a second look: number (with a unit), speaker (its label) or company; null for none, and for spans that stay."
    )

    class Config:
        name = "marks"
        unique = ["doc_id", "start_char", "end_char", "rule_id"]


class Turns(Table):
    """Who speaks where: questions, answers and comments of calls, interviews and quoted posts."""

    doc_id: str = fields.doc_id()
    turn_no: pl.Int64 = fields.turn_no(nullable=False)
    question_no: str = pa.Field(nullable=True, description="Number of the question the turn belongs to, as Q1, Q2…; null outside a numbered exchange.")
    role: str = pa.Field(isin=("question", "answer", "comment"), description="question, answer, or comment (a statement or post outside an exchange).")
    speaker: str = pa.Field(nullable=True, description="Canonical person (Jensen Huang), else the name as written in Simplified; analyst, commenter, management or moderator where the text names nobody.")
    speaker_title: str = pa.Field(nullable=True, description="Role or title of the speaker, as written or from the lexicon.")
    start_char: pl.Int64 = fields.start_char()
    end_char: pl.Int64 = fields.end_char()

    class Config:
        name = "turns"
        unique = ["doc_id", "turn_no"]


class Repairs(Table):
    """Characters that are wrong in the raw text, with their correction: script conversion, OCR, spelling, strays, doublings."""

    doc_id: str = fields.doc_id()
    start_char: pl.Int64 = fields.start_char()
    end_char: pl.Int64 = fields.end_char()
    quote: str = fields.quote()
    correction: str = pa.Field(description="What should stand there; empty where the characters should go.")
    kind: str = pa.Field(isin=("script", "ocr", "spelling", "stray", "duplicate"), description="script, ocr, spelling, stray or duplicate.")
    is_applied: bool = pa.Field(description="Whether later stages read the correction; proposals that are not sure enough are only listed.")
    rule_id: str = fields.rule_id()
    confidence: float = pa.Field(ge=0, le=1, description="How sure the repair is.")

    class Config:
        name = "repairs"
        unique = ["doc_id", "start_char", "kind"]


class Fingerprints(Table):
    """What nearly equal texts have in common: the basis of duplicate_of."""

    doc_id: str = fields.doc_id()
    text_hash: str = pa.Field(nullable=True, description="Hash of the kept text in Simplified characters without blanks: equal for the same text whatever its script and line ends; null where nothing is kept.")
    signature: str = pa.Field(nullable=True, description="MinHash of the kept text's five-character shingles, 64 permutations of 8 hex digits; null for texts under 60 characters.")

    class Config:
        name = "fingerprints"
        unique = ["doc_id"]
