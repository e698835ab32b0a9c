import random
import statistics

import polars as pl
import pytest

from schemas.blocks import Blocks
from schemas.documents import Documents
from transforms.fingerprints import PERMUTATIONS, sign_texts

TEXT = "海岚科技今日公布2024年业绩,全年营收52.6亿元,同比增长12%,净利润6.1亿元,毛利率31.4%。公司表示,海外业务的收入占比提升,新产品的销售情况好于预期,库存健康。"


def sign(*lines: str, kind: str = "body", column: str = "signature") -> str | None:
    documents = Documents.select(pl.DataFrame({"doc_id": ["0" * 16]}))
    rows = [{"doc_id": "0" * 16, "block_no": number, "start_char": 0, "end_char": 1, "text": line, "kind": kind, "is_kept": True} for number, line in enumerate(lines)]
    return sign_texts(documents, Blocks.frame(rows))[column][0]


def shared(left: str, right: str) -> float:
    return sum(left[at : at + 8] == right[at : at + 8] for at in range(0, 8 * PERMUTATIONS, 8)) / PERMUTATIONS


def test_blanks_and_lines_do_not_matter():
    assert sign(TEXT) == sign(TEXT[:40] + "　 ", TEXT[40:])
    assert len(sign(TEXT)) == 8 * PERMUTATIONS
    assert sign("营收 52.6", "亿元", column="text_hash") == sign("营收52.6亿元", column="text_hash") != sign("营收52.7亿元", column="text_hash")
    assert sign("来源：新华社", kind="source", column="text_hash") is None


def test_a_text_that_ends_differently_is_near_and_another_is_far():
    assert shared(sign(TEXT * 3), sign(TEXT * 3 + "欢迎关注")) > 0.8
    assert shared(sign(TEXT), sign("".join(reversed(TEXT)))) < 0.2


def test_the_share_of_equal_numbers_is_the_share_of_equal_shingles():
    draw = random.Random(5)
    errors = []
    for kept in range(100, 400, 3):
        left = "".join(draw.choices(TEXT, k=400))
        right = left[:kept] + "".join(draw.choices(TEXT, k=400 - kept))
        ours, theirs = ({text[at : at + 5] for at in range(396)} for text in (left, right))
        errors.append(shared(sign(left), sign(right)) - len(ours & theirs) / len(ours | theirs))
    assert abs(statistics.mean(errors)) < 0.02
    assert statistics.stdev(errors) < 0.07  # 64 permutations: at most 1 / (2 * 8)


def test_signatures_are_the_same_wherever_they_are_made():
    # runs of other days and machines wrote theirs into the same warehouse
    assert sign(TEXT)[:16] == "12ed8235075d5e64"


@pytest.mark.parametrize(("lines", "kind"), [((), "body"), (("营收52.6亿元",), "body"), ((TEXT,), "source")])
def test_what_is_too_short_to_tell_has_no_signature(lines, kind):
    assert sign(*lines, kind=kind) is None
