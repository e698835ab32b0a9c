"""Feeds mutated bytes to the readers and what they make of them to process(): a coverage-guided run, or plain mutation without atheris.

    python -m tests.fuzz --seconds 60          # make fuzz; atheris is in the dependency group `fuzz`

An input that raises anything but Unreadable, or breaks a promise of process(), ends the run and lies in --crashes.
"""

import argparse
import hashlib
import io
import random
import re
import sys
import time
import zipfile
from pathlib import Path

from schemas.documents import Inputs
from tests.test_invariants import check_tables
from transforms.pipeline import process
from warehouse import places
from warehouse.decoding import Unreadable
from warehouse.lexicon import read_lexicon
from warehouse.readers import find_sources, read_sources

SEEDS = Path(__file__).parents[1] / "seeds" / "documents"
_FORMATS = ("txt", "html", "jsonl", "csv", "parquet", "txt.gz", "jsonl.zst", "zip")
_PROCESS_EVERY = 20  # judging a text takes a thousand times as long as reading it
_LONGEST = 4_000
_MARKUP = re.compile(r"<[a-zA-Z/!]|=[\"'][^\"'<>\n]*[\"']\s*/?>")  # tags in a text file, or their ends, lie between its blocks


class Target:
    """Reads any bytes as any format, and judges one text in twenty; counts both."""

    def __init__(self, folder: Path):
        self.folder, self.lexicon, self.read, self.judged, self.slowest = folder, read_lexicon(), 0, 0, 0.0

    def __call__(self, content: bytes) -> None:
        """Read `content` as the format its first byte tells. Raises what is a finding."""
        started = time.monotonic()
        kind = _FORMATS[content[0] % len(_FORMATS)] if content else "txt"
        path = self.folder / f"input.{kind}"
        path.write_bytes(content[1:])
        for row in self._read(path):
            row["raw_text"].encode()
            if self.read % _PROCESS_EVERY == 0 and len(row["raw_text"]) < _LONGEST and not _MARKUP.search(row["raw_text"]):
                frame = Inputs.frame([row])
                check_tables(process(frame, self.lexicon, "fuzz"), {row["doc_id"]: row["raw_text"]})
                self.judged += 1
        self.read += 1
        self.slowest = max(self.slowest, time.monotonic() - started)

    def _read(self, path: Path) -> list[dict]:
        files, _, _ = places.list_files([str(path)])
        rows: list[dict] = []
        for file in files:
            try:
                reading = read_sources(find_sources(file, 10_000))
            except Unreadable:
                continue
            defects = [rejection.reason for rejection in reading.rejected if "defect of caibao" in rejection.reason]
            assert not defects, defects
            rows += reading.inputs.to_dicts()
        return rows


def make_corpus() -> list[bytes]:
    """Return a few inputs of every format to begin with."""
    texts = [path.read_bytes()[:_LONGEST] for path in sorted(SEEDS.glob("*.*")) if path.suffix in {".txt", ".html"}]
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("a.txt", "海岚科技2024年营收52.6亿元。")
    rows = '{"id": "a", "text": "海岚科技2024年营收52.6亿元。", "date": "2025-03-20"}\n'.encode()
    made = [*texts, "海岚科技2024年营收52.6亿元，同比增长12%。".encode("gb18030"), "海嵐科技營收".encode("utf-16"), b"id,text\n1,x\n", rows, packed.getvalue()]
    return [bytes([number]) + content for content in made for number in range(len(_FORMATS))]


def mutate(content: bytes, chance: random.Random) -> bytes:
    """Return the bytes with a few of them flipped, dropped, doubled or put in."""
    changed = bytearray(content)
    for _ in range(chance.randint(1, 6)):
        at = chance.randrange(len(changed) + 1)
        match chance.randrange(4):
            case 0 if at < len(changed):
                changed[at] ^= 1 << chance.randrange(8)
            case 1:
                del changed[at : at + chance.randint(1, 20)]
            case 2:
                changed[at:at] = changed[at : at + chance.randint(1, 40)]
            case _:
                changed[at:at] = chance.choice([b"\x00", b"\x01", b"\xed\xa0\x80", b"\xff\xfe", "亿元".encode(), b"9" * 30, b"<div>" * 9, b"\r\n\r\n", "％".encode(), b"&#0;", "\u202e".encode()])
    return bytes(changed)


def run_plainly(target: Target, seconds: float, crashes: Path, seed: int) -> int:
    """Mutate the corpus without guidance; return the findings."""
    chance, corpus, ends, findings = random.Random(seed), make_corpus(), time.monotonic() + seconds, 0
    while time.monotonic() < ends:
        content = mutate(chance.choice(corpus), chance)
        try:
            target(content)
        except Exception as error:  # noqa: BLE001 - whatever it is, it is a finding
            findings += 1
            crashes.mkdir(parents=True, exist_ok=True)
            name = crashes / f"crash-{hashlib.sha256(content).hexdigest()[:16]}"
            name.write_bytes(content)
            print(f"{name}: {type(error).__name__}: {str(error)[:300]}")
    return findings


def run_guided(target: Target, seconds: float, crashes: Path) -> None:
    """Let atheris look for inputs that reach new code; it ends the process itself."""
    import atheris

    corpus = crashes / "corpus"
    corpus.mkdir(parents=True, exist_ok=True)
    for content in make_corpus():
        (corpus / hashlib.sha256(content).hexdigest()[:16]).write_bytes(content)
    for module in ("warehouse.decoding", "warehouse.mojibake", "warehouse.places", "warehouse.readers"):
        for name, function in list(vars(sys.modules[module]).items()):
            if callable(function) and getattr(function, "__module__", "") == module and hasattr(function, "__code__"):
                setattr(sys.modules[module], name, atheris.instrument_func(function))
    atheris.Setup(["fuzz", f"-max_total_time={seconds:.0f}", "-rss_limit_mb=4000", "-timeout=60", f"-artifact_prefix={crashes}/", str(corpus)], target)
    atheris.Fuzz()


def main() -> None:
    """Fuzz for some time and print what was done."""
    parser = argparse.ArgumentParser(description="Feed mutated bytes to the readers and to process().")
    parser.add_argument("--seconds", type=float, default=60)
    parser.add_argument("--crashes", type=Path, default=Path(".fuzz"))
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--plain", action="store_true", help="without atheris")
    asked = parser.parse_args()
    folder = asked.crashes / "work"
    folder.mkdir(parents=True, exist_ok=True)
    target = Target(folder)
    try:
        if not asked.plain:
            run_guided(target, asked.seconds, asked.crashes)
            return
    except ImportError:
        print("atheris is not installed (pip install atheris): mutating without guidance")
    findings = run_plainly(target, asked.seconds, asked.crashes, asked.seed)
    print(f"{target.read} inputs read, {target.judged} texts judged, {findings} findings, the slowest took {target.slowest:.1f} s")
    raise SystemExit(bool(findings))


if __name__ == "__main__":
    main()
