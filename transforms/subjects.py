"""The company that a document, or a part of it, is about."""

from collections.abc import Mapping
from dataclasses import dataclass

import polars as pl

from transforms.lexicon import Lexicon
from transforms.script import simplify

# Within so many characters of its beginning a text names what it is about.
_HEAD_CHARS = 120
# Named in the title, or at the head, a company weighs as much as this many namings further down.
_TITLE_WEIGHT, _HEAD_WEIGHT = 8, 3
# Further down, a company is the subject if it is named this often and by at least this share of all namings.
_LEAST_COUNT, _LEAST_SHARE = 3, 0.5
# A text longer than this is an essay; what it is about it names once in so many characters.
_ESSAY_CHARS, _PACE = 4000, 1600
# A text of so many characters that names a company no more after this share of them, but others, goes on to other news.
_LETTER_CHARS, _LEFT_SHARE = 2000, 0.3
# A single naming tells whom a note is about that says 公司 for the rest; no longer text is one.
_NOTE_CHARS = 3000
# A text has parts on several companies where so many head a part each: by a name and a code alone, or before a colon.
_PARTS, _HEADING_CHARS = 2, 24
_LEAD, _HEADS = r"^((?:[^\p{Han}A-Za-z0-9]|\d{1,2}[.、)]|[(]?[一二三四五六七八九十]{1,2}[、)])*)", r"^ ?(?:[(][^()]{1,24}[)] ?)?(?::|$)"
_REPORT_CHARS = 32  # where a company's name may be followed by its report
# What may stand before the name that opens an item: 3、 (1) 【 ◆
_ITEM_CHARS = 5
# Names that a text gives to what is bought, or to what belongs to its company
_BOUGHT = ("mentions.deal", "mentions.affiliate")
# How far before a name 我们继续看好 may begin
_LEAD_CHARS = 12


@dataclass(frozen=True, eq=False)
class Subjects:
    """Whom the documents of a batch are about.

    companies: of each document, None where it does not name it. letters: the documents whose items are each about another.
    customers: the companies that a document calls its company's (华为、vivo为新进客户). owned: those that it buys or that belong to it (全资子公司时间互联). mentions: those of the batch, with brands as companies of their own, and without those of the document's company, whose segments they are:
    广汽本田销量7.54万辆 in a note on 广汽集团 is that company's figure, in a survey of the market its own.
    """

    companies: Mapping[str, str | None]
    letters: frozenset[str]
    customers: Mapping[str, frozenset[str]]
    owned: Mapping[str, frozenset[str]]
    mentions: pl.DataFrame


def find_subjects(documents: pl.DataFrame, reading: pl.DataFrame, mentions: pl.DataFrame, lexicon: Lexicon) -> Subjects:
    """Return whom each document is about.

    The title decides first, then how often and how early a company is named. A note that speaks of 公司 only, and names
    others in passing (作为微软的长期伙伴), names no subject. A broker that is cited (中信证券研报) is no company here.
    """
    forms = dict(lexicon["clause_forms"].select("form", "pattern").iter_rows())
    brands = lexicon["entities"].filter(pl.col("type") == "brand").select("entity", "parent")
    named = _companies(documents, reading, _by_owner(mentions, brands), forms)
    companies = _rank(documents, named, forms)
    customers, owned = (named.filter(of).group_by("doc_id").agg(pl.col("entity").unique()) for of in (pl.col("is_customer"), pl.col("rule_id").is_in(_BOUGHT)))
    own_brands = companies.join(brands, left_on="entity", right_on="parent").select("doc_id", entity="entity_right")
    placed = mentions.join(own_brands, on=["doc_id", "entity"], how="anti", maintain_order="left").with_columns(pl.col("type").replace("brand", "company"))
    letters = frozenset(companies.filter("is_letter")["doc_id"])
    return Subjects(dict(companies.select("doc_id", "entity").iter_rows()), letters, *({doc_id: frozenset(entities) for doc_id, entities in of.iter_rows()} for of in (customers, owned)), placed)


def _rank(documents: pl.DataFrame, named: pl.DataFrame, forms: dict[str, str]) -> pl.DataFrame:
    """Return doc_id and entity, the company that each document is about, null where it names none so; is_letter: it names several in turn."""
    size = documents.select("doc_id", chars=pl.col("raw_text").str.len_chars(), says_company=pl.col("raw_text").str.contains(forms["says_company"]))
    ranked = (
        named.group_by("doc_id", "entity")
        .agg(
            count=pl.len(), first=pl.col("start_char").min(), last=pl.col("start_char").max(),
            is_in_title=pl.col("is_in_title").any(), is_at_head=pl.col("is_at_head").any(), opens_clause=pl.col("opens_clause").any(),
            reports=pl.col("reports").any(), is_recommended=pl.col("is_recommended").any(), is_source=pl.col("is_source").any(),
            is_sure=(pl.col("rule_id") != "mentions.stem").any(), is_point=pl.col("is_point").all(),
            is_other=(pl.col("is_customer") | pl.col("is_owned")).any() & ~pl.col("reports").any(), is_bought=pl.col("rule_id").is_in(_BOUGHT).all(),
        )
        .join(size, on="doc_id", maintain_order="left")
        .with_columns(is_left=_is_left(), may_be=_may_be_subject()).filter("may_be")
        .with_columns(weight=pl.col("count") + _TITLE_WEIGHT * pl.col("is_in_title") + _HEAD_WEIGHT * pl.col("is_at_head"))
        .sort("doc_id", "is_left", pl.col("weight") * -1, "first")
        .group_by("doc_id", maintain_order=True).first()
    )  # fmt: skip
    ranked = ranked.select("doc_id", entity=pl.when(~pl.col("is_left")).then("entity"), is_letter="is_left")
    return documents.select("doc_id").join(ranked, on="doc_id", how="left", maintain_order="left")


def _may_be_subject() -> pl.Expr:
    """Return whether a text may be about a company, by where it names it and how often: a row for each company of a text."""
    count, says_company, opens_clause = pl.col("count"), pl.col("says_company"), pl.col("opens_clause")
    is_paced = (pl.col("chars") <= _ESSAY_CHARS) | (count * _PACE >= pl.col("chars"))
    is_note = (says_company & (pl.col("chars") <= _NOTE_CHARS)) | ((count >= 2 * _LEAST_COUNT) & is_paced)
    is_leading = (count >= _LEAST_COUNT) & (count >= _LEAST_SHARE * count.sum().over("doc_id"))
    opens_text = pl.col("is_at_head") & (opens_clause | pl.col("reports") | (count > 1)) & is_paced
    # 浙能集团的电站, 3)隆基HJT: one naming in a short form may be a customer's, one in a list of points another's
    is_told = (pl.col("is_sure") & ~pl.col("is_point")) | (count > 1)
    opens_alone = opens_clause & _is_only("opens_clause") & is_note & is_told
    # 省内今世缘的渠道, 继续看好东山精密: a note whose sentences open with 公司 names it further in
    # 据中国移动公告,公司规划…: nor does one that tells where its figures are from
    is_named_within = says_company & is_note & (is_leading | pl.any_horizontal(pl.col(flag) & _is_only(flag) for flag in ("is_recommended", "is_source")))
    # 收购英茂生物100%股权, 为华为等客户扩产: whom a note that says 公司 buys or delivers to it is not about
    is_own = ~(says_company & (is_note & pl.col("is_other") | pl.col("is_bought")))
    return pl.col("is_in_title") | is_own & (opens_text | (is_leading & opens_clause & is_paced) | opens_alone | is_named_within)


def _is_left() -> pl.Expr:
    """Return whether a long text names a company in its first part alone, and others further down: a news letter's items are each about another."""
    chars, last = pl.col("chars"), pl.col("last")
    is_note = pl.col("says_company") & (chars <= _NOTE_CHARS)
    return (chars >= _LETTER_CHARS) & (last < _LEFT_SHARE * chars) & (last < last.max().over("doc_id")) & ~pl.col("is_in_title") & ~is_note


def _is_only(flag: str) -> pl.Expr:
    """Return whether one company of the text has a flag."""
    return pl.col(flag).sum().over("doc_id") == 1


def section_subjects(reading: pl.DataFrame, mentions: pl.DataFrame) -> pl.DataFrame:
    """Return doc_id, block_no and entity of the blocks that stand below a company's name, in a text that has parts on several.

    ▍腾讯音乐(TME.N) heads the lines below it, and so does 李宁:三季度收入…, down to the next such line. One that begins as those do and names
    no company, ▍行业动态, heads a part that is nobody's: its entity is null.
    """
    blocks = reading.select("doc_id", "block_no", "read_text", at="start_char").sort("doc_id", "at")
    companies = mentions.filter(pl.col("type") == "company").select("doc_id", "entity", "start_char", "end_char").sort("doc_id", "start_char")
    named = companies.join_asof(blocks, left_on="start_char", right_on="at", by="doc_id", strategy="backward", check_sortedness=False)
    named = named.unique(["doc_id", "block_no"], keep="first", maintain_order=True)
    text = pl.col("read_text")
    lead, rest = text.str.slice(0, pl.col("start_char") - pl.col("at")), text.str.slice(pl.col("end_char") - pl.col("at"))
    openers = (
        named.filter((pl.col("start_char") - pl.col("at") <= _ITEM_CHARS) & lead.str.contains(_LEAD) & rest.str.contains(_HEADS))
        .filter(pl.col("entity").n_unique().over("doc_id") >= _PARTS)
        .select("doc_id", "block_no", opener="entity", shape=_shape_of(lead))
    )  # fmt: skip
    shapes = openers.select("doc_id", "shape").filter(pl.col("shape") != "").unique()
    parts = blocks.join(openers.select("doc_id").unique(), on="doc_id", how="semi").with_columns(shape=_shape_of(text.str.extract(_LEAD)))
    closes = parts.filter(text.str.len_chars() <= _HEADING_CHARS).join(shapes, on=["doc_id", "shape"], how="semi").select("doc_id", "block_no", is_closed=True)
    return (
        parts.join(openers.select("doc_id", "block_no", "opener"), on=["doc_id", "block_no"], how="left", maintain_order="left")
        .join(closes, on=["doc_id", "block_no"], how="left", maintain_order="left")
        .with_columns(entity=pl.coalesce("opener", pl.when("is_closed").then(pl.lit(""))).forward_fill().over("doc_id"))
        .drop_nulls("entity").select("doc_id", "block_no", entity=pl.col("entity").replace("", None))
    )  # fmt: skip


def _shape_of(lead: pl.Expr) -> pl.Expr:
    """Return what stands before a heading, whatever its number: 0、 of 三、"""
    return lead.str.replace_all("[0-9一二三四五六七八九十]+", "0").str.strip_chars()


def _by_owner(mentions: pl.DataFrame, brands: pl.DataFrame) -> pl.DataFrame:
    """Return the mentions with a brand's as those of its company: who writes of 广汽本田 writes of 广汽集团."""
    is_brand = pl.col("type") == "brand"
    owner = pl.col("entity").replace(brands["entity"].to_list(), brands["parent"].to_list())
    return mentions.with_columns(entity=pl.when(is_brand).then(owner).otherwise("entity"), type=pl.when(is_brand).then(pl.lit("company")).otherwise("type"))


def _companies(documents: pl.DataFrame, reading: pl.DataFrame, mentions: pl.DataFrame, forms: dict[str, str]) -> pl.DataFrame:
    """Return the mentions of companies with where they stand: in the title, at the head, at the beginning of a clause."""
    blocks = reading.select("doc_id", "read_text", at="start_char").sort("doc_id", "at")
    heads = blocks.group_by("doc_id").agg(head=pl.col("at").min())
    lead = pl.col("read_text").str.slice(0, pl.col("start_char") - pl.col("at")).str.tail(_LEAD_CHARS)
    before = lead.str.tail(1)
    after = pl.col("read_text").str.slice(pl.col("end_char") - pl.col("at"), _REPORT_CHARS)
    return (
        mentions.filter(pl.col("type") == "company").sort("doc_id", "start_char")
        .join_asof(blocks, left_on="start_char", right_on="at", by="doc_id", strategy="backward", check_sortedness=False)
        .join(heads, on="doc_id", maintain_order="left")
        .join(documents.select("doc_id", "title"), on="doc_id", maintain_order="left")
        .filter(~pl.col("read_text").str.contains(forms["guests"]) & ~(lead.str.contains(forms["holds"]) & after.str.contains(forms["held_stock"])) & ~after.str.contains(forms["channel"]))
        .with_columns(
            reports=after.str.contains(forms["opens_report"]),
            is_in_title=pl.col("title").fill_null("").str.contains(simplify(pl.col("quote")), literal=True),
            is_at_head=pl.col("start_char") - pl.col("head") < _HEAD_CHARS,
            # 今年志邦的引流套餐: a word of time may stand before the subject
            # 京东、拼多多及抖音均有增长 lists several
            opens_clause=(~before.str.contains(r"^[\p{Han}A-Za-z、/]$") | before.is_in(["年", "月", "日", "度", "期"]) | lead.str.contains(r"\d[QH]$|[QH]\d$") | lead.str.contains(forms["before_subject"])) & ~after.str.starts_with("、"),
            # 3)隆基HJT再次取得重大突破 is a point of the note, and may be of another
            is_point=lead.str.contains(r"\d\)$"),
            is_recommended=lead.str.contains(forms["recommends"]) & ~after.str.contains("^[、和及]"),
            is_source=lead.str.contains(forms["according_to"]) & after.str.contains(forms["own_paper"]),
            is_customer=after.str.contains(forms["customer"]),
            is_owned=after.str.contains(forms["owned"]) | lead.str.contains(forms["owns"]),
        )
    )  # fmt: skip
