"""Makes a corpus of any size out of real articles, each document unique."""

import gzip
import hashlib
import json
import random
from collections.abc import Iterator
from pathlib import Path

import polars as pl

from schemas.documents import Inputs

SAMPLES = Path(__file__).resolve().parent.parent / "seeds" / "documents"


def read_texts(corpus: Path | None) -> list[str]:
    """Return the texts of `corpus` (JSON lines, plain or gzipped, with a `text` column), or the samples' where it is None."""
    if corpus is None:
        return [path.read_text(encoding="utf-8") for path in sorted(SAMPLES.glob("*.txt")) if ".gb18030" not in path.name]
    with gzip.open(corpus, "rt", encoding="utf-8") if corpus.suffix == ".gz" else corpus.open(encoding="utf-8") as lines:
        return [json.loads(line)["text"] for line in lines]


def make_inputs(texts: list[str], size: int, seed: int = 0) -> Iterator[dict]:
    """Yield input rows until `size` bytes of UTF-8 are reached; a repeat of a text gets its paragraphs in another order."""
    random_order, made, round_no = random.Random(seed), 0, 0
    while made < size:
        for text in texts:
            lines = text.split("\n")
            if round_no:
                random_order.shuffle(lines)
            raw_text = "\n".join([*lines, f"({round_no})"])
            content = raw_text.encode()
            made += len(content)
            yield {
                "doc_id": hashlib.sha256(content).hexdigest()[:16], "source_path": f"bench/{made}.txt", "byte_count": len(content),
                "encoding": "utf-8", "source_format": "txt", "raw_text": raw_text,
            }  # fmt: skip
            if made >= size:
                return
        round_no += 1


def make_batch(texts: list[str], size: int, seed: int = 0) -> pl.DataFrame:
    """Return one batch of about `size` bytes as schemas.Inputs."""
    return Inputs.frame(list(make_inputs(texts, size, seed))).unique("doc_id", keep="first", maintain_order=True)
