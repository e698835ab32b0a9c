"""The choice of a page's title among lines that may be it."""

import pytest

from transforms.title_choice import Candidate, Page, choose_title, is_window_title

TEXT = "白鹭纸业前三季度营业收入64.3亿元,净利润同比下降三成。白鹭纸业说,木浆价格是利润下降的原因。"


def choose(*lines: str, headers: tuple[int, ...] = (), text: str = TEXT, defined: str | None = None, **page) -> str | None:
    """The title among lines of a page's head, each other block from 0 on; of a window are those that begin with |."""
    candidates = [
        Candidate(row, 2 * row, line.removeprefix("|"), line.startswith("|"), is_stamped=False, is_opening=row == 0, is_defined=line == defined)
        for row, line in enumerate(lines)
    ]
    title = choose_title(candidates, Page(text, headers=headers, **page))
    return title and title.text


@pytest.mark.parametrize(
    ("lines", "headers", "expected"),
    [
        (["天气预报", "三伏天喝什么茶最解暑", "白鹭纸业净利润下降三成"], (), "白鹭纸业净利润下降三成"),
        (["木浆价格下跌", "白鹭纸业净利润下降三成", "记者 王小明"], (5,), "白鹭纸业净利润下降三成"),
        (["|白鹭纸业净利润下降三成_白鹭网", "白鹭纸业净利润下降三成"], (), "白鹭纸业净利润下降三成"),
        (["白鹭纸业", "白鹭纸业净利润下降三成"], (), "白鹭纸业净利润下降三成"),
        (["白鹭纸业净利润下降三成", "打印", "白鹭纸业净利润下降三成"], (5,), "白鹭纸业净利润下降三成"),
    ],
    ids=["shares most", "above its header", "of the window only where nothing else is", "longer than a name", "stands twice"],
)
def test_the_line_that_shares_most_with_the_text_is_the_title(lines, headers, expected):
    assert choose(*lines, headers=headers) == expected


def test_a_title_of_two_lines_begins_with_its_first():
    candidates = [Candidate(row, row, text, False, False, False, False) for row, text in enumerate(["木浆涨了又跌", "白鹭纸业净利润下降三成"])]
    assert choose_title(candidates, Page(TEXT)) is candidates[0]


def test_a_form_that_nothing_tells_has_none():
    assert choose("操作指南", "热线电话一览", text="请点击此处", is_form=True) is None
    assert choose("操作指南", "热线电话一览", text="请点击此处") is not None


def test_an_entry_is_defined_by_its_first_words():
    text = "潮汐磨坊(英文:tide mill)是利用潮汐的水磨。"
    assert choose("磨坊与水车的历史", "潮汐磨坊", text=text, defined="潮汐磨坊") == "潮汐磨坊"


@pytest.mark.parametrize(("text", "is_of_window"), [("白鹭纸业半年评测 - 数码土拨鼠", True), ("白鹭纸业半年评测", False), ("白鹭 - 数码土拨鼠", False)])
def test_a_window_s_title_has_the_site_behind(text, is_of_window):
    assert is_window_title(text, "白鹭纸业半年评测:钱去了哪儿") is is_of_window


def test_a_short_title_is_believed_where_the_way_to_the_page_ends_with_it():
    text = "外婆的酸菜每年秋天开坛,烧芋艿最香。"
    assert choose("家常小菜谱", "酸菜烧芋", text=text, trail="酸菜烧芋的做法") == "酸菜烧芋"
    assert choose("家常小菜谱", "酸菜烧芋", text=text) != "酸菜烧芋"
