"""What the splice detector learns from: foreign lines are of other articles, own lines of their host."""

from training.corpus import Article
from training.generate import FOREIGN, HEADLINE, OWN, make_cases

SOURCES = {"cfb": "finance", "gs": "finance", "inews": "business", "xwlb": "news"}


def article(source: str, number: int) -> Article:
    name = f"{source}{number}"
    paragraphs = tuple(f"{name}的第{part}段讲了这家公司今年的经营情况和来年的打算。" for part in "一二三四五")
    return Article(name, source, SOURCES[source], f"{name}发布年报", paragraphs)


ARTICLES = [article(source, number) for source in SOURCES for number in range(30)]


def test_foreign_lines_are_of_other_articles_and_own_ones_of_their_host():
    cases = make_cases(ARTICLES, ARTICLES, 300, 7)
    foreign = [(case, line) for case in cases for line, label in zip(case.lines, case.labels, strict=True) if label in (FOREIGN, HEADLINE)]
    assert len(foreign) > 300
    assert not [line for case, line in foreign if line in (case.host.title, *case.host.paragraphs)]
    own = [line in case.host.paragraphs for case in cases for line, label in zip(case.lines, case.labels, strict=True) if label == OWN]
    assert all(own)
