"""The classes that the lines of a page have, by their cards, words and shape."""

# How well a line of a class fits the article, a list of links under its heading, comments, and the rest of the page. Only
# differences count. A comment reads like a short sentence of the article, so comments are told by what opens them and by
# what stands between them (回复, 3小时前). A line without a stop fits the rest of the page no better than the article:
# subtitles and verse have none either.
FIT = {
    "answer": (2.5, -3.0, -3.0, -2.0),  # 213 人赞同了该回答, above the next answer
    "comments": (-1.0, 1.0, 3.0, 1.0),  # 全部评论(12)
    "section": (-1.0, 3.0, 2.0, 2.0),  # 相关阅读
    "menu": (-1.0, 2.0, 1.5, 2.0),  # 首页 财经 股票
    "furniture": (0.0, 1.5, 1.0, 1.5),  # 版权所有
    "credit": (0.0, 0.3, 0.3, 0.3),  # 责任编辑
    "header": (0.3, 0.0, 0.3, 0.0),  # 2024-05-23 10:23
    "title": (2.0, -100.0, -100.0, -100.0),
    "browser_title": (0.0, 0.5, 0.5, 0.5),  # …净利润增长12%_财经_某某网
    "early": (-0.4, 0.0, 0.0, 0.2),  # a headline above the title
    "stamped": (-0.5, 1.0, 1.0, 0.8),  # 某公司获批新药 05-23
    "reaction": (-0.5, 0.5, 2.0, 0.5),  # 张三 3小时前 回复
    "button": (0.0, 0.2, 0.3, 0.2),  # 编辑, beside every heading of an encyclopaedia
    "inset": (0.0, 0.2, 0.3, 0.2),  # [图片], 京东 1299元
    "set_in": (0.0, 0.2, 0.3, 0.2),  # 牧歌乳业 / 5.83 / +3.55%, told by the lines together
    "paragraph": (3.0, -6.5, 1.5, -2.0),
    "sentence": (1.2, -5.0, 1.1, -1.0),
    "teaser": (1.2, -0.8, 1.1, -1.0),  # a sentence between two links
    "outcry": (0.5, 0.0, 0.8, -0.3),  # a sentence or a headline that asks or cries
    "excerpt": (0.5, 0.3, 0.6, 0.0),  # a paragraph cut off with ...
    "remark": (0.3, -0.2, 0.4, -0.3),  # a sentence of a few words
    "summary": (0.0, 0.4, 0.2, -0.1),  # cut off with …
    "link": (0.0, 0.4, 0.2, -0.2),
    "table": (0.6, -0.3, -0.3, -0.3),  # | 营收 | 82.1 | 78.4 |
    "cell": (0.6, -0.3, -0.3, -0.3),  # of a results table with a cell a line: 营业收入, then 82.1
    "label": (0.3, -0.1, 0.0, -0.1),  # 投资建议:
    "part": (1.2, -1.0, -0.5, -1.0),  # 02, above the second part of the text
    "scrap": (0.0, 0.2, 0.3, 0.0),  # a bare number, a name
}
TEXTS = ("paragraph", "sentence", "teaser", "excerpt", "table", "cell")
SENTENCES = ("paragraph", "sentence", "teaser")
SCRAPS = ("scrap", "link", "stamped", "reaction")
SURE = ("section", "comments", "menu", "furniture")
# A button that stands so often on a page belongs to its parts, and says nothing about where the article ends.
BUTTON_REPEATS = 3
TEXT_CHARS, SENTENCE_CHARS = 30, 10
