"""Corrected text in the script a reader asks for."""

import polars as pl
import pytest
from opencc import OpenCC

from tests.transforms.test_repairs import LEXICON, read
from transforms.render import render_texts
from transforms.repairs import find_repairs


def render(text: str, target: str, with_vocabulary: bool = False) -> str:
    documents, blocks = read(text)
    blocks = blocks.with_columns(kind=pl.lit("body"))
    return render_texts(documents, blocks, find_repairs(documents, blocks, LEXICON), target, with_vocabulary)["text"][0]


@pytest.mark.parametrize(
    ("text", "target", "expected"),
    [
        ("各方麵的係統在這裏恢複", "hant-tw", "各方面的系統在這裡恢復"),
        ("各方麵的係統在這裏恢複", "hant-hk", "各方面的系統在這裏恢復"),
        ("各方麵的係統在這裏恢複", "hans", "各方面的系统在这里恢复"),
        ("這裡的群眾", "hant-hk", "這裏的羣眾"),
        # an author's characters stay, whatever a conversion of the whole text would make of them
        ("所有雲平台,並為此做準備的合作夥伴", "hant-tw", "所有雲平台,並為此做準備的合作夥伴"),
        ("OpenAl的头发与发展", "hant-tw", "OpenAI的頭髮與發展"),
        ("营收增长,新一代Blackwel量产", "hant-tw", "營收增長,新一代Blackwell量產"),
    ],
)
def test_render(text, target, expected):
    assert render(text, target) == expected


def test_vocabulary_on_request():
    assert render("软件与服务器", "hant-tw") == "軟件與服務器"
    assert render("软件与服务器", "hant-tw", with_vocabulary=True) == "軟體與伺服器"
    assert render("軟體與伺服器的資料", "hans", with_vocabulary=True).startswith("软件与服务器")
    with pytest.raises(ValueError, match="hans and hant-tw"):
        render("软件", "hant-hk", with_vocabulary=True)


@pytest.mark.parametrize(("target", "oracle"), [("hant-tw", "s2tw"), ("hant-hk", "s2hk")])
def test_simplified_text_renders_as_the_package_does(target, oracle):
    text = "我们预计营收将继续增长,这里的理发店、面条厂与银行都会受益,群众关注皇后大道的卧室。"
    assert render(text, target) == OpenCC(oracle).convert(text)
