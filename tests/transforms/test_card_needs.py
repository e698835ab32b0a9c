"""What a pattern needs is in whatever it matches."""

import numpy as np
import polars as pl
import pytest

from tests.transforms.test_rules import CARDS, read
from transforms.card_needs import lay_out_edges, read_need
from transforms.marks import _find_likely, _match, _place_lines, _told_cards


@pytest.mark.parametrize(
    ("pattern", "words"),
    [
        ("^责任编辑[:丨].{0,20}$", {"责任编辑:", "责任编辑丨"}),
        ("^.{0,40}(?:长按|扫描).{0,20}二维码", {"二维码"}),
        ("[(](?:图|照片)源[)]", {"(图源)", "(照片源)"}),
        ("^(?:来源于?|来自)[一-龥]+", {"来源", "来自"}),  # 来源于 has 来源 in it
        ("(?i)^Share This", {"share this"}),
        (r"^(?:首页 ?)+\d*$", {"首页"}),
        (r"^(?:作者|[^。]{2,4}):", {":"}),
        (r"^[^。]{6,60}\d[\d,]*$", set()),
        ("^(?:关注|.{3})$", set()),
    ],
)
def test_words(pattern, words):
    assert read_need(pattern).words == words


@pytest.mark.parametrize(
    ("pattern", "opens", "does_not"),
    [
        ("^[(【]?(?:作者|文)[:/]", "(【作文", ":图a"),
        (r"^\d{1,2} ?[^。]{2,8}$", "0９٣", "一."),
        ("(?i)^share", "sS", "h"),
        ("^[一-龥]{2,4}:", "一龥", "a("),
        ("^[^。]{2}作者", "作。", ""),
        ("作者:", "作。x", ""),
        ("^(?:作者)?$|^图", "作图。", ""),
    ],
)
def test_openings(pattern, opens, does_not):
    assert "".join(filter(opened_by(pattern), opens)) == opens
    assert "".join(filter(opened_by(pattern), does_not)) == ""


def opened_by(*patterns):
    """Return a function that tells whether all of the patterns may match what begins with a character."""
    openings = lay_out_edges([read_need(pattern).opening for pattern in patterns])
    return lambda line: openings.table[openings.find(pl.Series([line[:1]]))[0]].all()


@pytest.mark.parametrize(
    ("pattern", "closes", "does_not"),
    [
        (r"^[^。]{6,60}?[\s(]\d+(?:阅读|评论|次)?[)\]]?$", "3９读论次)]", "阅。a"),
        ("^作者[:/].{2,8}?[)】]?$", "a)。", ""),
        ("(?i)^by .{2,8} inc$", "cC", "n"),
        ("^[一-龥]{2,4}:$|来源[)]?$", ":)源", "一来"),
        ("[(]完[)]", "完)。", ""),
        ("(?m)^作者$", "者文", ""),
        (r"^\d*$", "a", ""),
    ],
)
def test_closings(pattern, closes, does_not):
    table = lay_out_edges([read_need(pattern).closing])
    may_close = table.table[table.find(pl.Series(list(closes + does_not))), 0]
    assert may_close.tolist() == [True] * len(closes) + [False] * len(does_not)


def test_an_empty_line_and_those_beyond_the_first_plane_have_their_place():
    openings = lay_out_edges([read_need(pattern).opening for pattern in ("^[一-龥]", "^[😀-😂]", "作者")])
    rows = openings.find(pl.Series(["", "一", "龦", "😁", "\U0010ffff"]))
    assert openings.table[rows].tolist() == [[False, False, True], [True, False, True], [False, False, True], [False, True, True], [False, False, True]]


@pytest.mark.parametrize(
    ("pattern", "is_whole", "begins", "does_not"),
    [
        ("^.{0,20}来源:.{0,20}$", True, "稿件来源:某报", "稿件来源某报"),
        ("^.{0,20}来源.{0,20}作者.{0,20}$", True, "来源某报作者某人", "来源某报"),
        ("^.{0,40}来源.{0,40}作者.{0,40}$", False, "来源某报作者", "来源某报"),
        ("^.*来源.*作者.*", False, "来源某报作者", "来源某报"),
        (r"^文 *: *图 *: *编 *: *[^:]*$", True, "文 :图: 编: 某人", "文 图: 编: 某人"),  # what follows tells how long each is
        (r"^文 *[ :] *[ :] *[ :]图", False, "文  :", "文"),
        ("^导航:(?:首页 *)+$", False, "导航:首页", "导航:"),
        ("^(?:导航(?:[ |]*首页)+|来源:)$", False, "导航|首页 其余", "导航"),
    ],
)
def test_the_beginning_has_no_repeats_within_repeats(pattern, is_whole, begins, does_not):
    need = read_need(pattern)
    assert need.is_whole is is_whole
    assert need.begins.search(begins)
    assert not need.begins.search(does_not)


@pytest.mark.parametrize("card", CARDS, ids=[card["rule_id"] for card in CARDS])
def test_what_a_card_matches_has_what_it_needs(card):
    need, opens = read_need(card["pattern"]), opened_by(card["pattern"])
    for line in read(card["hit"]):
        assert not need.words or any(word in line.lower() for word in need.words)
        assert opens(line)
        assert need.begins.search(line)


def test_every_card_finds_the_lines_that_its_pattern_matches(lexicon):
    examples = read([line for card in CARDS for line in card["hit"] + card["miss"]])
    blocks = pl.DataFrame({"doc_id": "a", "start_char": 0, "text": examples}).with_columns(end_char=pl.col("text").str.len_chars().cast(pl.Int64)).with_row_index("block_no")
    lines, told = _place_lines(blocks), _told_cards(lexicon)
    likely = dict(_find_likely(lines, lexicon))
    for number, (card, need) in enumerate(zip(told.cards, told.needs, strict=True)):
        matches = lines["text"].str.contains(card["pattern"]) & (lines["char_count"] <= int(told.longest[number]))
        assert _match(examples, likely.get(number, np.zeros(0, np.int64)).tolist(), card, need) == matches.arg_true().to_list(), card["rule_id"]
