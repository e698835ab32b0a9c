"""What peers do with the same texts in the same run, as MB of UTF-8 per CPU second, against ours.

    python -m bench.peers [--megabytes 1] [--python PEERS/bin/python] [--keep]

The peers are no dependency of caibao: install py-data-juicer and jionlp into an environment of their own (their requirements are
many) and name its Python. opencc-python-reimplemented is one of ours. What is missing is said and left out.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path

from bench.corpus import make_batch, read_corpus
from bench.results import keep

# Each is a program of its own: texts as JSON lines in, one JSON object out. Loading and a first warm call do not count.
_HEAD = """
import json, sys, time
from importlib.metadata import version
texts = [json.loads(line) for line in open(sys.argv[1], encoding="utf-8")]
def cpu(work):
    began = time.process_time()
    found = work()
    return time.process_time() - began, found
"""
_PROGRAMS = {
    "caibao: all stages of process()": """
import polars as pl
from bench.corpus import make_batch
from schemas.documents import Inputs
from transforms.pipeline import process
from warehouse.lexicon import read_lexicon
import hashlib
def frame(texts):
    return Inputs.frame([{"doc_id": hashlib.sha256(text.encode()).hexdigest()[:16], "source_path": str(number), "byte_count": len(text.encode()), "encoding": "utf-8",
        "source_format": "txt", "raw_text": text} for number, text in enumerate(texts)]).unique("doc_id", keep="first", maintain_order=True)
lexicon = read_lexicon()
process(frame([text + "。" for text in texts[:60]]), lexicon, "warm")
spent, tables = cpu(lambda: process(frame(texts), lexicon, "bench"))
found, name = tables["metrics"].height, "caibao " + version("caibao")
""",
    "data-juicer: clean, convert, filter, deduplicate": """
from data_juicer.core.data import NestedDataset
from data_juicer.ops import load_ops
recipe = [
    {"clean_email_mapper": {}}, {"clean_links_mapper": {}}, {"fix_unicode_mapper": {}}, {"punctuation_normalization_mapper": {}}, {"whitespace_normalization_mapper": {}},
    {"chinese_convert_mapper": {"mode": "t2s"}}, {"alphanumeric_filter": {"tokenization": False, "min_ratio": 0.0}}, {"average_line_length_filter": {"min_len": 1}},
    {"character_repetition_filter": {"rep_len": 10, "max_ratio": 0.9}}, {"maximum_line_length_filter": {"min_len": 1}}, {"special_characters_filter": {"max_ratio": 0.9}},
    {"text_length_filter": {"min_len": 1}}, {"document_deduplicator": {"lowercase": False, "ignore_non_character": False}},
]
for operator in recipe:
    for options in operator.values():
        options["num_proc"] = 1
def run(texts):
    data = NestedDataset.from_list([{"text": text} for text in texts])
    for operator in load_ops(recipe):
        data = operator.run(data) if hasattr(operator, "run") else data.process(operator)
    return len(data)
run([text + "。" for text in texts[:20]])
spent, found = cpu(lambda: run(texts))
name = "py-data-juicer " + version("py-data-juicer")
""",
    "JioNLP: money extraction": """
import jionlp
jionlp.ner.extract_money(texts[0], with_parsing=False)
spent, found = cpu(lambda: sum(len(jionlp.ner.extract_money(text, with_parsing=True) or []) for text in texts))
name = "jionlp " + version("jionlp")
""",
    "caibao: all figures with units (find_quantities)": """
from schemas.documents import Inputs
from transforms.blocks import split_blocks
from transforms.quantities import find_quantities
from transforms.script import read_script
from warehouse.lexicon import read_lexicon
import hashlib
import polars as pl
lexicon = read_lexicon()
rows = [{"doc_id": hashlib.sha256(f"{number}{text}".encode()).hexdigest()[:16], "source_path": str(number), "byte_count": len(text.encode()), "encoding": "utf-8",
    "source_format": "txt", "raw_text": text} for number, text in enumerate(texts)]
documents = read_script(Inputs.frame(rows), lexicon)
reading = split_blocks(documents).with_columns(read_text="text")
find_quantities(documents, reading.head(20), lexicon)
spent, quantities = cpu(lambda: find_quantities(documents, reading, lexicon))
found, name = quantities.height, "caibao " + version("caibao")
""",
    "opencc-python-reimplemented: t2s": """
from opencc import OpenCC
converter = OpenCC("t2s")
converter.convert(texts[0])
spent, found = cpu(lambda: sum(converter.convert(text) != text for text in texts))
name = "opencc-python-reimplemented " + version("opencc-python-reimplemented")
""",
    "caibao: simplify": """
import polars as pl
from transforms.script import simplify
frame = pl.DataFrame({"text": texts})
frame.head(5).select(simplify(pl.col("text")))
spent, simplified = cpu(lambda: frame.select(simplified=simplify(pl.col("text"))))
found, name = int((simplified["simplified"] != frame["text"]).sum()), "caibao " + version("caibao")
""",
}
_TAIL = """
print("\\n" + json.dumps({"cpu_seconds": spent, "found": found, "name": name}))
"""
# The one that a figure is a multiple of.
OPPONENTS = {
    "caibao: all stages of process()": "data-juicer: clean, convert, filter, deduplicate",
    "caibao: all figures with units (find_quantities)": "JioNLP: money extraction",
    "caibao: simplify": "opencc-python-reimplemented: t2s",
}


def run_program(title: str, texts: Path, python: str) -> dict:
    """Return what a program found and spent, or why it could not run."""
    interpreter = sys.executable if title.startswith(("caibao", "opencc")) else python
    root = Path(__file__).resolve().parent.parent
    command = [interpreter, "-c", _HEAD + _PROGRAMS[title] + _TAIL, str(texts)]
    # one thread, as each process of a run has
    environment = os.environ | {"POLARS_MAX_THREADS": "1"} | ({"PYTHONPATH": str(root)} if interpreter == sys.executable else {})
    done = subprocess.run(command, capture_output=True, text=True, env=environment, check=False)
    if done.returncode:
        return {"missing": (done.stderr.strip().splitlines() or ["it ended without a word"])[-1][:200]}
    return json.loads(done.stdout.strip().splitlines()[-1])


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--megabytes", type=float, default=1.0)
    parser.add_argument("--python", default=sys.executable, help="Python of the environment that has the peers")
    parser.add_argument("--keep", action="store_true", help="write the figures for docs/performance.md")
    options = parser.parse_args()
    batch = make_batch(read_corpus("finance"), int(options.megabytes * 1e6))
    size = int(batch["byte_count"].sum())
    figures = {}
    with tempfile.NamedTemporaryFile("w", suffix=".jsonl", encoding="utf-8") as file:
        file.writelines(json.dumps(text, ensure_ascii=False) + "\n" for text in batch["raw_text"])
        file.flush()
        for title in _PROGRAMS:
            figures[title] = run_program(title, Path(file.name), options.python)
            if "missing" in figures[title]:
                print(f"{title}: left out ({figures[title]['missing']}). To have it: pip install py-data-juicer jionlp elsewhere, and --python", flush=True)
            else:
                print(f"{title}: {size / 1e6 / figures[title]['cpu_seconds']:.2f} MB per CPU s, {figures[title]['found']} found ({figures[title]['name']})", flush=True)
    for ours, theirs in OPPONENTS.items():
        if not any("missing" in figures[title] for title in (ours, theirs)):
            print(f"{ours} is {figures[theirs]['cpu_seconds'] / figures[ours]['cpu_seconds']:.1f} times as fast as {theirs}")
    if options.keep:
        keep("peers", {"bytes": size, "documents": batch.height, "programs": figures})


if __name__ == "__main__":
    main()
