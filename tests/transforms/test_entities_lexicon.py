"""The entity tables agree with each other."""

import re

import polars as pl
import pytest

from transforms.aliases import known_names
from transforms.introductions import read_ticker
from transforms.script import simplify
from warehouse.lexicon import read_lexicon

LEXICON = read_lexicon()
ENTITIES, ALIASES = LEXICON["entities"], LEXICON["entity_aliases"]
TICKER = re.compile(
    r"\d{6}\.(?:SH|SZ|BJ|KS)|\d{4}\.(?:HK|TW|SR)|[0-9A-Z]{4}\.T|[A-Z]{1,5}(?:\.[AB])?\.US|[A-Z0-9\-]{1,9}\.(?:DE|PA|SW|L|ST|CO)"
)


def test_there_are_enough_companies():
    companies = ENTITIES.filter(pl.col("type") == "company")
    listed = companies.filter(pl.col("ticker").is_not_null())
    assert listed.height >= 8000
    # a listing in Hong Kong or New York does not tell what currency a company reports in
    abroad = pl.col("ticker").fill_null("").str.contains(r"\.(?:HK|US)$")
    assert companies.filter(~abroad & (pl.col("country").is_null() | pl.col("currency").is_null())).is_empty()


def test_every_alias_has_its_entity_and_every_entity_an_alias():
    assert ALIASES.join(ENTITIES, on="entity", how="anti")["alias"].to_list() == []
    assert ENTITIES.join(ALIASES, on="entity", how="anti")["entity"].to_list() == []


def test_parents_are_companies():
    companies = ENTITIES.filter(pl.col("type") == "company").select(parent="entity")
    children = ENTITIES.filter(pl.col("parent").is_not_null())
    assert children.join(companies, on="parent", how="anti")["entity"].to_list() == []


def test_a_sure_alias_means_one_entity():
    sure = known_names(LEXICON).filter(~pl.col("is_ambiguous"))
    shared = sure.group_by("alias").agg(pl.col("entity").unique().sort()).filter(pl.col("entity").list.len() > 1)
    assert shared.rows() == []


def test_canonical_names_are_simplified():
    written = ENTITIES.filter(simplify(pl.col("entity")) != pl.col("entity"))
    # whose registered names keep a character that is otherwise simplified
    assert written["entity"].to_list() == ["乾照光电", "昇兴股份", "海昇药业"]


def test_tickers_are_well_formed_and_belong_to_one_entity():
    secondary = ALIASES.filter(pl.col("kind") == "ticker", pl.col("alias").str.contains(r"\.")).select("entity", ticker="alias")
    tickers = pl.concat([ENTITIES.filter(pl.col("ticker").is_not_null()).select("entity", "ticker"), secondary])
    assert [ticker for ticker in tickers["ticker"] if not TICKER.fullmatch(ticker)] == []
    assert tickers.group_by("ticker").len().filter(pl.col("len") > 1)["ticker"].to_list() == []


def test_short_words_are_ambiguous():
    # one Han character, or one Latin letter, is never a name by itself
    sure = ALIASES.filter(~pl.col("is_ambiguous"), pl.col("alias").str.len_chars() < 2)
    assert sure["alias"].to_list() == []


FORMS = LEXICON["ticker_forms"]
HITS = [(form["form_id"], *hit.split(" => ")) for form in FORMS.iter_rows(named=True) for hit in form["hit"]]
MISSES = [(form["form_id"], miss) for form in FORMS.iter_rows(named=True) for miss in form["miss"]]


def _bracketed(text: str) -> str:
    return text[text.index("(") + 1 : text.index(")")] if "(" in text and text.count("(") == 1 and ")" in text else text


@pytest.mark.parametrize(("form_id", "text", "ticker"), HITS)
def test_ticker_form_hits(form_id: str, text: str, ticker: str):
    assert read_ticker(_bracketed(text), LEXICON) == ticker


@pytest.mark.parametrize(("form_id", "text"), MISSES)
def test_ticker_form_misses(form_id: str, text: str):
    assert read_ticker(_bracketed(text), LEXICON) is None
