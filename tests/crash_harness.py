"""Kills runs with SIGKILL and holds what the next run publishes against an undisturbed run.

    python -m tests.crash_harness --documents 2000 --kills 100

First every step boundary: the process dies before and after each step and each file that a run writes. Then random moments:
one warehouse is killed and started again until a run comes through, is compared, and the next one begins. A reader polls
the published files all the while.
"""

import argparse
import contextlib
import itertools
import multiprocessing
import os
import random
import shutil
import signal
import sys
import tempfile
import time
from dataclasses import dataclass, field
from pathlib import Path

import duckdb

import schemas
from flows import steps
from flows.steps import Settings, run_directly
from warehouse import parts, publish

# What tells one run from another; `runs`, `checks` and `batches` tell about runs and not about texts.
TIMES = {"seen_at", "rejected_at"}
CONTENT = [model for model in schemas.TABLES if model.table_name() not in ("runs", "checks", "batches")]
_STEPS = [(steps, "start_run"), (steps, "plan_run"), (steps, "read_sources"), (steps, "judge_inputs"), (steps, "publish_run"),
          (steps, "count_refused"), (steps, "evaluate_checks"), (steps, "summarise"),
          (parts, "_write_then_rename"), (parts, "sweep"), (publish, "_load_parts"), (publish, "_load"), (os, "fsync")]  # fmt: skip


@dataclass
class Outcome:
    """What the kills did: all but `kills` and `reads` have to stay 0."""

    kills: int = 0
    differing_tables: int = 0
    reads: int = 0
    failed_reads: int = 0
    leftovers: int = 0
    boundaries: int = 0
    notes: list[str] = field(default_factory=list)


def write_articles(folder: Path, count: int) -> Path:
    """Write `count` short articles with figures, a few of them unreadable; return the folder."""
    folder.mkdir(parents=True)
    for number in range(count):
        name, growth = f"第{number}号公司", number % 40
        text = f"{name}2024年营收{number + 1}.5亿元，同比增长{growth}%。\n2025年3月{number % 28 + 1}日 财经快讯\n净利润{number % 9 + 1}亿元，毛利率{growth + 10}.4%。\n"
        (folder / f"{number:05}.txt").write_bytes(b"" if number % 97 == 13 else text.encode("gb18030" if number % 3 else "utf-8"))
    return folder


class Harness:
    """Kills runs over a folder of articles; `outcome` tells what came of it. A first article is published beforehand, to be read all the while."""

    def __init__(self, folder: Path, work: Path, batches: int):
        self.folder, self.work, self.batches, self.outcome = folder, work, batches, Outcome()
        self.context = multiprocessing.get_context("forkserver")
        self.context.set_forkserver_preload([run_directly.__module__, "tests.crash_harness"])
        self._finish(work / "first", folder / "00000.txt")
        undisturbed = self._start_over("undisturbed")
        started = time.monotonic()
        self._finish(undisturbed)
        self.seconds = time.monotonic() - started
        self.expected = read_hashes(undisturbed)

    def kill_at_boundaries(self, stride: int = 1) -> None:
        """Kill at every `stride`-th step boundary, each in a warehouse of its own."""
        for moment in itertools.count(step=stride):
            root = self._start_over(f"boundary_{moment}")
            is_killed = self._kill(root, moment, None)
            if not is_killed:
                return
            self.outcome.kills, self.outcome.boundaries = self.outcome.kills + 1, self.outcome.boundaries + 1
            self._finish(root)
            self._compare(root)

    def kill_at_random(self, kills: int, seed: int = 1) -> None:
        """Kill at random moments, in one warehouse until a run comes through, then in the next."""
        moments, done, rounds = random.Random(seed), 0, 0
        while done < kills:
            root, rounds = self._start_over(f"random_{rounds}"), rounds + 1
            while done < kills and self._kill(root, None, moments.uniform(0, self.seconds)):
                done += 1
            self._finish(root)
            self._compare(root)
        self.outcome.kills += done

    @contextlib.contextmanager
    def polling(self):
        """Have another process read the published files as long as the block lasts, and count its reads."""
        counts, stop = self.context.Array("q", 2), self.context.Event()
        reader = self.context.Process(target=_poll, args=(self.work, counts, stop))
        reader.start()
        try:
            yield
        finally:
            stop.set()
            reader.join()
            self.outcome.reads, self.outcome.failed_reads = self.outcome.reads + counts[0], self.outcome.failed_reads + counts[1]

    def _start_over(self, name: str) -> Path:
        return Path(shutil.copytree(self.work / "first", self.work / name))

    def _finish(self, root: Path, place: Path | None = None) -> None:
        process = self.context.Process(target=_run, args=(place or self.folder, root, self.batches, None, None))
        process.start()
        process.join()
        if process.exitcode:
            raise RuntimeError(f"the run into {root} failed")

    def _kill(self, root: Path, moment: int | None, after: float | None) -> bool:
        """Run and kill at the boundary numbered `moment` or `after` seconds; return whether it was killed before it was done."""
        started = self.context.Event()
        process = self.context.Process(target=_run, args=(self.folder, root, self.batches, moment, started))
        process.start()
        if after is not None:
            started.wait(120)
            process.join(after)
            process.kill()
        process.join()
        return process.exitcode == -signal.SIGKILL

    def _compare(self, root: Path) -> None:
        """Note what differs from the undisturbed run, and clear the warehouse away."""
        found = read_hashes(root)
        differing = [table for table in self.expected if self.expected[table] != found[table]]
        left = [path for path in root.rglob("*") if path.name.endswith((".tmp", ".wal"))]
        self.outcome.differing_tables += len(differing)
        self.outcome.leftovers += len(left)
        self.outcome.notes += [f"{root.name}: {table}" for table in differing] + [f"{root.name}: {path}" for path in left]
        shutil.rmtree(root)
        print(f"{root.name}: {len(differing)} differing tables, {len(left)} temporary files left", file=sys.stderr)


def read_hashes(root: Path) -> dict[str, tuple[int, int]]:
    """Return per table its rows and a hash of them all, times aside."""
    with publish.connect(root) as con:
        hashes = {}
        for model in CONTENT:
            columns = ", ".join(f'"{name}"' for name in model.column_names() if name not in TIMES)
            hashes[model.table_name()] = con.execute(f'SELECT count(*), sum(hash({columns})) FROM "{model.table_name()}"').fetchone()
        return hashes


def _run(place: Path, root: Path, batches: int, moment: int | None, started) -> None:
    """Do a run in this process, which dies at the boundary numbered `moment`."""
    size = sum(file.stat().st_size for file in place.glob("*")) if place.is_dir() else 1
    steps.plan_batches = lambda *words: parts.plan_batches(*words, target_bytes=max(1, size // batches))
    if moment is not None:
        _die_at(moment)
    if started:
        started.set()
    with contextlib.suppress(SystemExit):
        run_directly(Settings((str(place),), root, max_rejected=1.0, workers=1))


def _die_at(moment: int) -> None:
    """Make the steps and file operations of a run count their beginnings and ends, and die at the one numbered `moment`."""
    passed = iter(range(1_000_000))

    def count() -> None:
        if next(passed) == moment:
            os.kill(os.getpid(), signal.SIGKILL)

    def guard(module, name: str) -> None:
        call = getattr(module, name)

        def guarded(*words, **more):
            count()
            result = call(*words, **more)
            count()
            return result

        setattr(module, name, guarded)

    for module, name in [*_STEPS, (Path, "replace")]:
        guard(module, name)


def _poll(work: Path, counts, stop) -> None:
    """Open every published file again and again as a client would."""
    while not stop.wait(0.05):
        for path in work.glob("*/caibao.duckdb"):
            try:
                with duckdb.connect(str(path), read_only=True) as con:
                    con.execute("SELECT count(*), max(value) FROM facts").fetchall()
                counts[0] += 1
            except duckdb.Error:
                # a warehouse that the harness itself has cleared away is no failed read
                counts[1] += path.exists()


def main() -> None:
    """Print what the kills did."""
    parser = argparse.ArgumentParser(description="Kill runs and compare what the next run publishes with an undisturbed one.")
    parser.add_argument("--documents", type=int, default=2000)
    parser.add_argument("--kills", type=int, default=100)
    parser.add_argument("--stride", type=int, default=1, help="only every so many step boundaries, for a shorter run")
    parser.add_argument("--seed", type=int, default=1)
    asked, is_sound = parser.parse_args(), True
    with tempfile.TemporaryDirectory() as work:
        for name, documents, batches in (("boundaries", 6, 2), ("random", asked.documents, 24)):
            started, place = time.monotonic(), Path(work) / name
            harness = Harness(write_articles(place / "articles", documents), place, batches)
            with harness.polling():
                if name == "boundaries":
                    harness.kill_at_boundaries(asked.stride)
                else:
                    harness.kill_at_random(asked.kills, asked.seed)
            outcome = harness.outcome
            print(f"{name}: {documents} documents, undisturbed {harness.seconds:.0f} s; {outcome.kills} kills in {time.monotonic() - started:.0f} s: "
                  f"{outcome.differing_tables} differing tables, {outcome.failed_reads} of {outcome.reads} reads failed, {outcome.leftovers} temporary files left", flush=True)  # fmt: skip
            print("\n".join(outcome.notes))
            is_sound = is_sound and not (outcome.differing_tables or outcome.failed_reads or outcome.leftovers)
    raise SystemExit(not is_sound)


if __name__ == "__main__":
    from tests.crash_harness import main  # the functions that other processes import by this name

    main()
