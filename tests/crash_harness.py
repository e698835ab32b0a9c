"""Kills runs with SIGKILL and holds what the next run publishes against an undisturbed run.

    python -m tests.crash_harness --documents 2000 --kills 100

First every step boundary: the process dies before and after each step and each file that a run writes, each time in a
warehouse of its own. Then random moments: uniform over an undisturbed run, they are dealt out to some warehouses, and each of
those is killed and started again at one moment after the other, before it may come to its end and is compared. Every other
warehouse is judged by two worker processes. A reader polls the published files all the while.
"""

import argparse
import collections
import contextlib
import functools
import itertools
import multiprocessing
import os
import pickle
import random
import shutil
import signal
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import duckdb
import polars as pl

import schemas
from flows import steps
from flows.steps import Settings, run_directly
from transforms.lexicon import Lexicon
from warehouse import parts, publish

# What tells one run from another; `runs`, `checks` and `batches` tell about runs and not about texts.
TIMES = {"seen_at", "rejected_at"}
_KILLS_EACH = 10  # random kills of one warehouse: what was done before a kill is kept, so that all of them cost little more than one run
CONTENT = [model for model in schemas.TABLES if model.table_name() not in ("runs", "checks", "batches")]
_STEPS = [(steps, "start_run"), (steps, "plan_run"), (steps, "read_sources"), (steps, "judge_inputs"), (steps, "publish_run"),
          (steps, "count_refused"), (steps, "evaluate_checks"), (steps, "summarise"),
          (parts, "_write_then_rename"), (parts, "sweep"), (publish, "_load_parts"), (publish, "_load"), (os, "fsync")]  # fmt: skip


_NAMES = {0: "before", 1: "start", 2: "plan", 3: "judge", 4: "publish", 5: "report"}
_PHASES = len(_NAMES)


@dataclass
class Outcome:
    """What the kills did: differing rows, failed reads and leftovers have to stay 0. `places` counts the kills by what the run was at."""

    kills: int = 0
    differing_rows: int = 0
    reads: int = 0
    failed_reads: int = 0
    leftovers: int = 0
    places: collections.Counter[str] = field(default_factory=collections.Counter)
    notes: list[str] = field(default_factory=list)

    @property
    def is_sound(self) -> bool:
        """Return whether nothing was lost."""
        return not (self.differing_rows or self.failed_reads or self.leftovers)


def write_articles(folder: Path, count: int) -> Path:
    """Write `count` short articles with figures, a few of them unreadable; return the folder."""
    folder.mkdir(parents=True)
    for number in range(count):
        name, growth = f"第{number}号公司", number % 40
        text = f"{name}2024年营收{number + 1}.5亿元，同比增长{growth}%。\n2025年3月{number % 28 + 1}日 财经快讯\n净利润{number % 9 + 1}亿元，毛利率{growth + 10}.4%。\n"
        (folder / f"{number:05}.txt").write_bytes(b"" if number % 97 == 13 else text.encode("gb18030" if number % 3 else "utf-8"))
    return folder


class Harness:
    """Kills runs over a folder of articles; `outcome` tells what came of it. A first article is published beforehand, to be read all the while.

    With `is_remembering` what judging a batch gave is kept for the runs that judge it again: judging leaves no trace on the disk.
    """

    def __init__(self, folder: Path, work: Path, batches: int, is_remembering: bool = False):
        self.folder, self.work, self.batches, self.outcome = folder, work, batches, Outcome()
        self.memory = work / "judged" if is_remembering else None
        self.context = multiprocessing.get_context("forkserver")
        self.context.set_forkserver_preload([run_directly.__module__, "tests.crash_harness"])
        self._finish(work / "first", folder / "00000.txt")
        self.undisturbed = self._start_over("undisturbed")
        self.milestones = self._time_milestones(self.undisturbed)

    def kill_at_boundaries(self, stride: int = 1) -> None:
        """Kill at every `stride`-th step boundary, each in a warehouse of its own."""
        for moment in itertools.count(step=stride):
            root = self._start_over(f"boundary_{moment}")
            process = self._start(root, moment=moment)
            process.join()
            if process.exitcode != -signal.SIGKILL:
                return
            self.outcome.kills += 1
            self._finish(root)
            self._compare(root)

    def kill_at_random(self, kills: int, seed: int = 1) -> None:
        """Kill at moments that are uniform over an undisturbed run, several of them one after the other in each warehouse."""
        draw = random.Random(seed)
        for number in itertools.count():
            left = kills - sum(self.outcome.places.values())
            if not left:
                break
            root, workers = self._start_over(f"random_{number}"), 1 + number % 2
            for moment in sorted(draw.uniform(0, self.milestones[-1][1]) for _ in range(min(left, _KILLS_EACH))):
                if not self._kill_at(root, moment, workers):
                    break
            self._finish(root, workers=workers)
            self._compare(root)
        self.outcome.kills += kills

    @contextlib.contextmanager
    def polling(self):
        """Have another process read the published files as long as the block lasts, and count its reads."""
        (ours, theirs), stop = self.context.Pipe(duplex=False), self.context.Event()
        reader = self.context.Process(target=_poll, args=(self.work, theirs, stop))
        reader.start()
        theirs.close()
        try:
            yield
        finally:
            stop.set()
            reads, failures = ours.recv()
            reader.join()
            self.outcome.reads += reads
            self.outcome.failed_reads += len(failures)
            self.outcome.notes += failures

    def _start_over(self, name: str) -> Path:
        """Return a copy of the first warehouse; it comes to where the reader looks when it is whole."""
        return Path(shutil.copytree(self.work / "first", self.work / "copying" / name)).rename(self.work / name)

    def _start(self, root: Path, place: Path | None = None, moment: int | None = None, workers: int = 1, phase=None):
        process = self.context.Process(target=_run, args=(place or self.folder, root, self.batches, moment, workers, phase, self.memory))
        process.start()
        return process

    def _finish(self, root: Path, place: Path | None = None, workers: int = 1) -> None:
        process = self._start(root, place, workers=workers)
        process.join()
        if process.exitcode:
            raise RuntimeError(f"the run into {root} failed")

    def _time_milestones(self, root: Path) -> list[tuple[tuple[int, int], float]]:
        """Do a run; return how far it was (its phase, the batches it had committed) and since which second, and when it was done."""
        phase = self.context.Value("i", 0, lock=False)
        process, passed = self._start(root, phase=phase), []
        while process.is_alive():
            if phase.value and (reached := (phase.value, _count_batches(root))) not in [milestone for milestone, _ in passed]:
                passed.append((reached, time.monotonic()))
            time.sleep(0.002)
        if process.exitcode:
            raise RuntimeError(f"the run into {root} failed")
        began = passed[0][1]
        return [(milestone, moment - began) for milestone, moment in passed] + [((_PHASES, 0), time.monotonic() - began)]

    def _kill_at(self, root: Path, moment: float, workers: int) -> bool:
        """Run and kill as far on as an undisturbed run is at `moment`; return whether the run was killed before it was done."""
        milestone, since = [passed for passed in self.milestones if passed[1] <= moment][-1]
        phase = self.context.Value("i", 0, lock=False)
        process = self._start(root, workers=workers, phase=phase)
        while process.is_alive() and (phase.value, _count_batches(root)) < milestone:
            time.sleep(0.002)
        process.join(moment - since)
        reached = phase.value
        process.kill()
        process.join()
        if process.exitcode != -signal.SIGKILL:
            return False
        tenth = min(9, 10 * _count_batches(root) // self.batches)
        self.outcome.places[f"judge, {tenth}0 % done" if _NAMES[reached] == "judge" else _NAMES[reached]] += 1
        return True

    def _compare(self, root: Path) -> None:
        """Note what differs from the undisturbed run and what lies about, and clear the warehouse away."""
        differing = count_differences(self.undisturbed, root)
        standing = {path.stem for path in (root / "commits").glob("*.json")}
        left = [path for path in root.rglob("*") if path.name.endswith((".tmp", ".wal", ".owner")) or (path.suffix == ".parquet" and path.stem not in standing)]
        self.outcome.differing_rows += sum(differing.values())
        self.outcome.leftovers += len(left)
        self.outcome.notes += [f"{root.name}: {rows} rows of {table}" for table, rows in differing.items()] + [f"{root.name}: {path.relative_to(root)}" for path in left]
        shutil.rmtree(root)
        print(f"{root.name}: {sum(differing.values())} differing rows, {len(left)} files left", file=sys.stderr)


def count_differences(expected: Path, found: Path) -> dict[str, int]:
    """Return per table how many rows only one of two warehouses has, times aside; tables without such rows are left out."""
    differences = {}
    with publish.connect(found) as con:
        con.execute(f"ATTACH '{publish.quote_path(expected / 'caibao.duckdb')}' AS expected (READ_ONLY)")
        for model in CONTENT:
            columns = ", ".join(f'"{name}"' for name in model.column_names() if name not in TIMES)
            ours, theirs = (f'SELECT {columns} FROM {database}."{model.table_name()}"' for database in ("caibao", "expected"))
            differences[model.table_name()] = con.execute(f"SELECT count(*) FROM (({ours} EXCEPT ALL {theirs}) UNION ALL ({theirs} EXCEPT ALL {ours}))").fetchone()[0]
    return {table: rows for table, rows in differences.items() if rows}


def _count_batches(root: Path) -> int:
    """Return how many batches are committed."""
    return sum(not name.startswith("run-") and name.endswith(".json") for name in os.listdir(root / "commits"))


def _run(place: Path, root: Path, batches: int, moment: int | None, workers: int, phase, memory: Path | None) -> None:
    """Do a run in this process, which dies at the boundary numbered `moment` and tells its `phase`."""
    size = sum(file.stat().st_size for file in place.glob("*")) if place.is_dir() else 1
    steps.plan_batches = lambda *words: parts.plan_batches(*words, target_bytes=max(1, size // batches))
    if memory:
        steps.judge_inputs = functools.partial(_judge_once, memory, steps.judge_inputs)
    if moment is not None:
        _die_at(moment)
    if phase is not None:
        _tell(phase)
    with contextlib.suppress(SystemExit):
        run_directly(Settings((str(place),), root, max_rejected=1.0, workers=workers))


def _judge_once(memory: Path, judge: Callable, inputs: pl.DataFrame, lexicon: Lexicon, batch_id: str):
    """Return what `judge` gives, from the file of an earlier run if there is one."""
    kept = memory / batch_id
    if not kept.exists():
        memory.mkdir(exist_ok=True)
        kept.write_bytes(pickle.dumps(judge(inputs, lexicon, batch_id)))
    return pickle.loads(kept.read_bytes())


def _tell(phase) -> None:
    """Make a run say which phase it is in: 1 from its start, then as each of the functions below is called."""

    def announce(number: int, name: str) -> None:
        call = getattr(steps, name)

        def announced(*words, **more):
            phase.value = number
            return call(*words, **more)

        setattr(steps, name, announced)

    for number, name in enumerate(("start_run", "plan_run", "open_pool", "publish_run", "write_report"), start=1):
        announce(number, name)


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


def _poll(work: Path, results, stop) -> None:
    """Open every published file again and again as a client would; send how many reads went well, and of each other what was wrong."""
    reads, failures = 0, []
    while not stop.wait(0.1) and multiprocessing.parent_process().is_alive():
        for path in work.glob("*/caibao.duckdb"):
            try:
                with duckdb.connect(str(path), read_only=True) as con:
                    con.execute("SELECT count(*), max(value) FROM facts").fetchall()
                reads += 1
            except duckdb.Error as error:
                if path.exists():  # a warehouse that the harness itself has cleared away is no failed read
                    failures.append(f"{path.relative_to(work)} could not be read: {error}")
    results.send((reads, failures))


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
            harness = Harness(write_articles(place / "articles", documents), place, batches, is_remembering=name == "boundaries")
            with harness.polling():
                if name == "boundaries":
                    harness.kill_at_boundaries(asked.stride)
                else:
                    harness.kill_at_random(asked.kills, asked.seed)
            outcome = harness.outcome
            print(f"{name}: {documents} documents, undisturbed {harness.milestones[-1][1]:.0f} s; {outcome.kills} kills in {time.monotonic() - started:.0f} s: "
                  f"{outcome.differing_rows} differing rows, {outcome.failed_reads} of {outcome.reads} reads failed, {outcome.leftovers} files left", flush=True)  # fmt: skip
            print(*outcome.notes, *(f"  {kills} kills: {place}" for place, kills in sorted(outcome.places.items())), sep="\n", flush=True)
            is_sound = is_sound and outcome.is_sound
    raise SystemExit(not is_sound)


if __name__ == "__main__":
    from tests.crash_harness import main  # the functions that other processes import by this name

    os.environ.setdefault("PYTHONWARNINGS", "ignore::RuntimeWarning:runpy")  # which each of them would give about that

    main()
