"""What a kill, a full disk and a folder that may not be written leave behind: the published state, and a clear message."""

import multiprocessing
import os
import subprocess
import threading
import time

import pytest

from flows.steps import Settings, run_directly
from tests.crash_harness import Harness, write_articles
from warehouse.parts import WarehouseError, writing


@pytest.mark.slow
def test_kills_lose_nothing_and_readers_never_fail(tmp_path):
    harness = Harness(write_articles(tmp_path / "articles", 20), tmp_path, batches=3)
    with harness.polling():
        harness.kill_at_boundaries(stride=80)
        harness.kill_at_random(2)
    outcome = harness.outcome
    assert outcome.kills >= 4
    assert outcome.is_sound, outcome.notes
    assert outcome.reads > 10


@pytest.fixture
def small_disk(tmp_path):
    """A file system of 40 MB."""
    disk = tmp_path / "disk"
    disk.mkdir()
    mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=40m", "tmpfs", str(disk)], capture_output=True, check=False)
    if mounted.returncode:
        pytest.skip("a file system may not be mounted here")
    yield disk
    subprocess.run(["umount", str(disk)], check=True)


def test_a_full_disk_says_so_and_leaves_what_was_published(articles, small_disk):
    root = small_disk / "w"
    run_directly(Settings((str(articles),), root))
    before = (root / "caibao.duckdb").read_bytes()
    (articles / "third.txt").write_text("南屿汽车2024年交付汽车12万辆。", encoding="utf-8")
    with (small_disk / "ballast").open("wb") as ballast:
        free = os.statvfs(small_disk)
        ballast.write(b"x" * (free.f_bavail * free.f_bsize - 300_000))
    with pytest.raises(WarehouseError, match=r"disk.*full"):
        run_directly(Settings((str(articles),), root))
    assert (root / "caibao.duckdb").read_bytes() == before
    (small_disk / "ballast").unlink()
    assert run_directly(Settings((str(articles),), root)).totals["documents"] == 3
    assert not list(root.rglob("*.tmp*"))


def test_a_read_only_folder_says_so(articles, tmp_path):
    root = tmp_path / "w"
    run_directly(Settings((str(articles),), root))
    mounted = subprocess.run(["mount", "--bind", str(root), str(root)], capture_output=True, check=False)
    if mounted.returncode:
        pytest.skip("a file system may not be mounted here")
    try:
        subprocess.run(["mount", "-o", "remount,ro,bind", str(root)], check=True)
        with pytest.raises(WarehouseError, match="may not be written"):
            run_directly(Settings((str(articles),), root))
    finally:
        subprocess.run(["umount", str(root)], check=True)
    assert run_directly(Settings((str(articles),), root)).skipped == 2


def hold(root, ready, done):
    with writing(root):
        ready.set()
        done.wait(60)


def test_a_second_run_waits_for_the_first(articles, tmp_path):
    context = multiprocessing.get_context("spawn")
    ready, done = context.Event(), context.Event()
    other = context.Process(target=hold, args=(tmp_path / "w", ready, done))
    other.start()
    assert ready.wait(60)
    with pytest.raises(WarehouseError, match=rf"process {other.pid}, since 20.*--wait"):
        run_directly(Settings((str(articles),), tmp_path / "w"))
    threading.Timer(0.5, done.set).start()
    started = time.monotonic()
    assert run_directly(Settings((str(articles),), tmp_path / "w", wait_seconds=60)).read == 2
    assert time.monotonic() - started > 0.4
    other.join()
