"""Documents: what header lines say about them."""

from datetime import datetime

import pytest

from schemas.documents import Inputs
from transforms.blocks import split_blocks
from transforms.documents import describe_documents
from transforms.marks import mark_boilerplate
from transforms.script import read_script

DOC = "00000000000000aa"
BODY = "公司一季度实现营业收入12.6亿元,同比增长18.2%,其中海外市场收入占四成,增速明显快于国内市场。"


def describe(text: str, lexicon, **given) -> dict:
    row = {
        "doc_id": DOC, "source_path": "a.txt", "byte_count": 1, "encoding": "utf-8", "source_format": "txt", "raw_text": text,
    }  # fmt: skip
    documents = read_script(Inputs.frame([row | given]), lexicon)
    blocks = split_blocks(documents)
    return describe_documents(documents, blocks, mark_boilerplate(blocks, lexicon), lexicon).row(0, named=True)


def test_header_lines_fill_the_fields(lexicon):
    found = describe(f"海岚科技一季度海外收入占四成\n来源：財經快讯\n作者：李四\n2024年5月23日 10:23\nhttps://example.com/a/1\n{BODY}", lexicon)
    expected = ("海岚科技一季度海外收入占四成", "财经快讯", "李四", "https://example.com/a/1", datetime(2024, 5, 23, 10, 23))
    assert tuple(found[name] for name in ("title", "publisher", "author", "url", "published_at")) == expected


def test_what_the_reader_found_stays(lexicon):
    found = describe(f"另一个标题写在正文上面\n{BODY}", lexicon, title="元数据里的标题", published_at=datetime(2024, 1, 1))
    assert (found["title"], found["published_at"]) == ("元数据里的标题", datetime(2024, 1, 1))


def test_an_article_that_begins_with_its_lead_has_no_title(lexicon):
    assert describe(f"{BODY}\n{BODY}", lexicon)["title"] is None
    assert describe(f"事件:\n{BODY}", lexicon)["title"] is None


def test_title_on_a_page_with_menus_is_the_one_the_text_speaks_of(lexicon):
    page = f"首页\n财经\n股票\n登录\n周末去哪儿看花\n三伏天喝什么茶最解暑\n公司一季度营业收入增长 海外市场占四成\n2024-05-23\n{BODY}\n{BODY}"
    assert describe(page, lexicon)["title"] == "公司一季度营业收入增长 海外市场占四成"


def test_browser_title_loses_its_site_name(lexicon):
    assert describe(f"海岚科技海外收入占四成_公司_江畔财经网\n{BODY}", lexicon)["title"] == "海岚科技海外收入占四成"


@pytest.mark.parametrize(
    ("line", "expected"),
    {
        "2024-05-23 10:23:17": datetime(2024, 5, 23, 10, 23, 17),
        "2024年5月23日 10:23": datetime(2024, 5, 23, 10, 23),
        "2024/05/23 下午 03:15": datetime(2024, 5, 23, 15, 15),
        "發布時間：2024.5.3": datetime(2024, 5, 3),
        "2024-05-23T10:23:17": datetime(2024, 5, 23, 10, 23, 17),
        "23/05/2024": datetime(2024, 5, 23),
        "05/23/2024 9:05 pm": datetime(2024, 5, 23, 21, 5),
        "31/31/2024": None,
        "Published 发布: 12 August 2024": datetime(2024, 8, 12),
        "Aug 12, 2024 8:30 PM EDT": datetime(2024, 8, 12, 20, 30),
        "Last updated: 1 Sept 2024, 09:05": datetime(2024, 9, 1, 9, 5),
        "2024-05-23 来源：财联社 作者：李四": datetime(2024, 5, 23),
        "作者：李四 2024-05-23 08:00": datetime(2024, 5, 23, 8),
        "江畔财经网 2024-05-23 10:23": datetime(2024, 5, 23, 10, 23),
        "2024-02-31": None,
    }.items(),
)
def test_published_at(line, expected, lexicon):
    assert describe(f"海岚科技一季度海外收入占四成\n{line}\n{BODY}", lexicon)["published_at"] == expected


@pytest.mark.parametrize(
    ("line", "day"),
    [("香港，二零二五年八月二十六日", datetime(2025, 8, 26)), ("二〇二四年三月八日", datetime(2024, 3, 8)), ("截至二零二五年六月三十日止六個月", None)],
)
def test_the_day_under_an_announcement_may_be_in_hanzi(lexicon, line, day):
    assert describe(f"中期業績公告\n收益增長。\n承董事會命\n{line}", lexicon)["published_at"] == day
