"""Reposts count once, whatever the site changed around them; the next report from the same template counts for itself."""

import pytest
from opencc import OpenCC

from flows.steps import Settings, run_directly
from warehouse import publish

BODY = (
    "海岚科技今日公布2024年业绩。全年营收52.6亿元，同比增长12%；净利润6.1亿元，毛利率31.4%。公司表示，海外业务的收入占比提升至35%，新产品的销售情况好于预期，"
    "渠道库存处于健康水平，研发投入将继续加大。管理层认为行业的竞争仍然激烈，但公司软件产品的信息化水平持续改善，费用控制取得成效，未来将保持稳健的经营策略。"
)
TEXTS = {
    "a_original": f"海岚科技年报\n2025年3月20日 09:00 来源：财经快讯\n{BODY}\n董事会建议派发末期股息每股0.3元。\n",
    "b_repost": f"海岚科技年报出炉\n2025年3月21日 10:00 来源：每日要闻\n{BODY}\n（责任编辑：李文）\n",
    "c_next_year": f"海岚科技年报\n2025年3月20日 09:00 来源：财经快讯\n{BODY.replace('52.6', '58.1').replace('2024', '2025')}\n董事会建议派发末期股息每股0.3元。\n",
}


# What sites make of an article, and what only looks like it.
REPOSTS = {
    "another headline": lambda text: text.replace("海岚科技年报", "海岚科技：业绩好于预期"),
    "a line added": lambda text: text + "记者注意到，该消息公布后受到市场的广泛关注。\n",
    "a sentence removed": lambda text: text.replace("渠道库存处于健康水平，研发投入将继续加大。", ""),
    "site furniture": lambda text: f"首页 > 财经 > 正文\n来源：每日要闻 2025年3月21日 10:00\n{text}\n（责任编辑：李文）\n更多精彩内容请关注我们的公众号\n",
    "traditional characters": lambda text: OpenCC("s2tw").convert(text),
    "traditional wording": lambda text: OpenCC("s2twp").convert(text),
    "half-width punctuation": lambda text: text.replace("，", ",").replace("；", ";").replace("%", "％"),
}
OTHERS = {
    "the next year's report": lambda text: text.replace("2024", "2025").replace("2025年3月", "2026年3月").replace("52.6", "58.1").replace("12%", "10.5%").replace("6.1", "6.9").replace("31.4", "32.0").replace("35%", "37%"),
    "another year, the same figures": lambda text: text.replace("2024", "2025"),
    "a corrected figure": lambda text: text.replace("31.4", "31.9"),
    "another company": lambda text: text.replace("海岚科技", "北峰电子").replace("52.6", "12.9"),
}


@pytest.fixture(scope="module")
def originals(tmp_path_factory):
    """Which text each variant counts as."""
    folder, text = tmp_path_factory.mktemp("variants"), TEXTS["a_original"]
    texts = {"original": text} | {name: make(text) for name, make in (REPOSTS | OTHERS).items()}
    assert len(set(texts.values())) == len(texts)
    run_directly(Settings((str(write(folder / "in", texts)),), folder / "w"))
    links = ask(folder / "w", "SELECT parse_filename(c.source_path, true), parse_filename(coalesce(o.source_path, c.source_path), true) FROM documents AS c LEFT JOIN documents AS o ON o.doc_id = c.duplicate_of")
    return dict(links)


@pytest.mark.parametrize("name", REPOSTS)
def test_what_sites_change_makes_no_other_article(originals, name):
    assert originals[name] == originals["original"]


@pytest.mark.parametrize("name", OTHERS)
def test_another_figure_or_date_makes_another_article(originals, name):
    assert originals[name] == name


def write(folder, texts):
    folder.mkdir()
    for name, text in texts.items():
        (folder / f"{name}.txt").write_text(text, encoding="utf-8")
    return folder


def ask(root, query):
    with publish.connect(root) as con:
        return con.execute(query).fetchall()


def test_a_near_repost_counts_once_and_another_report_for_itself(tmp_path):
    run_directly(Settings((str(write(tmp_path / "in", TEXTS)),), tmp_path / "w"))
    linked = ask(tmp_path / "w", "SELECT parse_filename(c.source_path), parse_filename(o.source_path) FROM documents AS c JOIN documents AS o ON o.doc_id = c.duplicate_of")
    assert linked == [("b_repost.txt", "a_original.txt")]
    revenue = ask(tmp_path / "w", "SELECT value FROM facts WHERE metric = 'revenue' AND basis = 'level' AND starts_with(quote, '5') ORDER BY value")
    assert revenue == [(5_260_000_000.0,), (5_810_000_000.0,)]


def test_copies_of_a_repost_point_to_the_original(tmp_path):
    texts = {"a": TEXTS["a_original"], "b": TEXTS["b_repost"], "c": TEXTS["b_repost"].replace("每日要闻", "晚间消息")}
    run_directly(Settings((str(write(tmp_path / "in", texts)),), tmp_path / "w"))
    assert ask(tmp_path / "w", "SELECT count(*), count(DISTINCT duplicate_of) FROM documents WHERE duplicate_of IS NOT NULL") == [(2, 1)]
    assert ask(tmp_path / "w", "SELECT count(*) FROM documents WHERE duplicate_of IN (SELECT doc_id FROM documents WHERE duplicate_of IS NOT NULL)") == [(0,)]


def test_what_a_publisher_repeats_is_proposed_as_boilerplate(tmp_path):
    rows = [
        f"第{number}号公司2024年营收\n2025年3月20日 09:00 来源：财经快讯\n第{number}号公司2024年营收{number}亿元，好于市场的预期，{'产品的销售情况很好，' * number}前景可期。\n本栏目由小编每天为各位读者用心整理\n"
        for number in range(3, 7)
    ]
    run_directly(Settings((str(write(tmp_path / "in", {str(number): text for number, text in enumerate(rows)})),), tmp_path / "w"))
    assert ask(tmp_path / "w", "SELECT text, document_count FROM repeated_paragraphs") == [("本栏目由小编每天为各位读者用心整理", 4)]
