"""Reposts count once, whatever the site changed around them; the next report from the same template counts for itself."""

from flows.steps import Settings, run_directly
from warehouse import publish

BODY = (
    "海岚科技今日公布2024年业绩。全年营收52.6亿元，同比增长12%；净利润6.1亿元，毛利率31.4%。公司表示，海外业务的收入占比提升至35%，新产品的销售情况好于预期，"
    "渠道库存处于健康水平，研发投入将继续加大。管理层认为行业的竞争仍然激烈，但公司的产品结构持续改善，费用控制取得成效，未来将保持稳健的经营策略。"
)
TEXTS = {
    "a_original": f"海岚科技年报\n2025年3月20日 09:00 来源：财经快讯\n{BODY}\n董事会建议派发末期股息每股0.3元。\n",
    "b_repost": f"海岚科技年报出炉\n2025年3月21日 10:00 来源：每日要闻\n{BODY}\n（责任编辑：李文）\n",
    "c_next_year": f"海岚科技年报\n2025年3月20日 09:00 来源：财经快讯\n{BODY.replace('52.6', '58.1').replace('2024', '2025')}\n董事会建议派发末期股息每股0.3元。\n",
}


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
