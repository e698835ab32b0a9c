"""Makes a corpus of any size out of real articles, no paragraph of it twice.

A repeat of an article is the article of another company in another quarter: every figure has other digits (years, dates and
times stay what they are), the same figure the same ones throughout, and a paragraph with hardly a figure opens with a date.
Whoever keeps paragraphs or sentences and looks them up again gains nothing. Headings and lines of a few words do repeat, as
they do in the news.
"""

import gzip
import hashlib
import itertools
import json
import random
import re
from collections.abc import Iterator
from pathlib import Path

import polars as pl

from schemas.documents import Inputs

SAMPLES = Path(__file__).resolve().parent.parent / "seeds" / "documents"
SHARED = Path(__file__).resolve().parent.parent.parent / "shared" / "corpus"
_SHORT = 30  # characters of a line that repeats as it is, if it has no figure
_FEW = 4  # digits
# A number that may change: no year, date, time, ordinal, stock code or name part (2024年, 3-21, 09:30, 600519, Q3, 5G).
_FIGURE = re.compile(r"(?<![A-Za-z\d.:：/\-年月第])\d{1,5}(?:,\d{3})*(?:\.\d+)?(?![\d.:：/\-年月日时点季G号A-Za-z])")
_YEAR = re.compile(r"(?:19|20)\d\d")


def read_texts(corpus: Path | None) -> list[str]:
    """Return the texts of `corpus` (JSON lines, plain or gzipped, with a `text` column), or the samples' where it is None."""
    if corpus is None:
        return [path.read_text(encoding="utf-8") for path in sorted(SAMPLES.glob("*.txt")) if ".gb18030" not in path.name]
    with gzip.open(corpus, "rt", encoding="utf-8") if corpus.suffix == ".gz" else corpus.open(encoding="utf-8") as lines:
        return [json.loads(line)["text"] for line in lines]


def read_corpus(name: str) -> list[str]:
    """Return the texts of a corpus by name: `finance`, `mixed` (with Traditional and general texts), `samples`, or a file's path.

    Where the folder of real articles does not stand beside the project, finance and mixed are the samples.
    """
    if name in ("finance", "mixed"):
        if not SHARED.is_dir():
            return read_texts(None)
        texts = [*read_texts(SHARED / "finance_dev.jsonl"), *read_texts(None)]
        if name == "mixed":
            texts += [*read_texts(SHARED / "traditional_dev.jsonl"), *random.Random(0).sample(read_texts(SHARED / "general_dev.jsonl.gz"), 500)]
        random.Random(1).shuffle(texts)
        return texts
    return read_texts(None if name == "samples" else Path(name))


def vary(text: str, round_no: int) -> str:
    """Return the text as another company's article; round 0 is the text itself, and as long as it has a figure no two rounds are equal."""
    if not round_no:
        return text
    order = random.Random(round_no)
    tails, heads = order.sample(range(10), 10), order.sample(range(1, 10), 9)

    def change(match: re.Match) -> str:
        figure = match[0]
        if _YEAR.fullmatch(figure):
            return figure
        # 12.5 -> 83.4, each digit for another; the first of a figure stays one that is not 0
        return "".join(str(heads[int(char) - 1] if at == 0 and char != "0" else tails[int(char)]) if char.isdigit() else char for at, char in enumerate(figure))

    lines = []
    for number, line in enumerate(text.split("\n")):
        changed = _FIGURE.sub(change, line)
        # one or two digits alone may come out the same in two rounds
        if len(line) >= _SHORT and sum(new != old for new, old in zip(changed, line, strict=True)) < _FEW:
            day, hour = divmod(round_no * 31 + number, 24)
            changed = f"{1 + day // 28 % 12}月{1 + day % 28}日{hour}时，{changed}"
        lines.append(changed)
    return "\n".join(lines)


def make_texts(texts: list[str]) -> Iterator[str]:
    """Yield the texts, then each of them again and again as another one, without end."""
    for round_no in itertools.count():
        yield from (vary(text, round_no) for text in texts)


def make_inputs(texts: list[str], size: int, skip: int = 0) -> Iterator[dict]:
    """Yield input rows until `size` bytes of UTF-8 are reached, after leaving out the first `skip` texts."""
    made = 0
    for number, text in enumerate(itertools.islice(make_texts(texts), skip, None), start=skip):
        content = text.encode()
        made += len(content)
        yield {
            "doc_id": hashlib.sha256(content).hexdigest()[:16], "source_path": f"bench/{number}.txt", "byte_count": len(content),
            "encoding": "utf-8", "source_format": "txt", "raw_text": text,
        }  # fmt: skip
        if made >= size:
            return


def make_batch(texts: list[str], size: int, skip: int = 0) -> pl.DataFrame:
    """Return one batch of about `size` bytes as schemas.Inputs."""
    return Inputs.frame(list(make_inputs(texts, size, skip))).unique("doc_id", keep="first", maintain_order=True)
