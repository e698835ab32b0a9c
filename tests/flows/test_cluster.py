"""A run over several processes and an object store gives the tables of a run in one process, also when a worker is killed.

The scheduler and the workers are real ones of Dask, the store a server that speaks S3's protocol, all on this machine.
"""

import contextlib
import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import fsspec
import pytest
from typer.testing import CliRunner

from flows import cli, steps
from flows.steps import Settings, run_directly
from flows.workers import ClusterError
from tests.flows.test_steps import assert_same_tables, read_tables
from warehouse import mirror, parts
from warehouse.mirror import StoreError
from warehouse.parts import WarehouseError

pytestmark = pytest.mark.xdist_group("cluster")


@pytest.fixture(scope="module")
def s3():
    """An S3 server on loopback with a bucket `news`; the environment points every client to it."""
    from moto.server import ThreadedMotoServer

    server = ThreadedMotoServer("127.0.0.1", 0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    given = {"AWS_ENDPOINT_URL": f"http://{host}:{port}", "AWS_ACCESS_KEY_ID": "test", "AWS_SECRET_ACCESS_KEY": "test", "AWS_DEFAULT_REGION": "us-east-1"}
    with pytest.MonkeyPatch.context() as patch:
        for name, value in given.items():
            patch.setenv(name, value)
        fsspec.filesystem("s3", skip_instance_cache=True).mkdir("news")
        yield "s3://news"
        fsspec.filesystem("s3").clear_instance_cache()
    server.stop()


@pytest.fixture
def bucket(s3, tmp_path) -> str:
    """A folder of the bucket for one test."""
    return f"{s3}/{tmp_path.name}"


@contextlib.contextmanager
def start(*words: str):
    """A process that ends with the block."""
    process = subprocess.Popen([sys.executable, "-m", *words], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, cwd=Path(__file__).parents[2])
    try:
        yield process
    finally:
        process.kill()
        process.wait()


@pytest.fixture
def cluster(s3, tmp_path):
    """A scheduler's address and its two workers, each a process with one thread."""
    where = tmp_path / "scheduler.json"
    options = ("--scheduler-file", str(where), "--no-dashboard")
    with start("distributed.cli.dask_scheduler", *options, "--host", "127.0.0.1", "--port", "0"), contextlib.ExitStack() as workers:
        started = [
            workers.enter_context(start("distributed.cli.dask_worker", *options, "--host", "127.0.0.1", "--nthreads", "1", "--no-nanny", "--local-directory", str(tmp_path)))
            for _ in range(2)
        ]
        from distributed import Client

        with Client(scheduler_file=str(where), timeout="60s", set_as_default=False) as client:
            client.wait_for_workers(2, timeout=60)
            yield client.scheduler.address, started


def write_articles(place: str | Path, count: int) -> str:
    """Write articles with figures and two unreadable inputs to a folder or bucket; return it."""
    files = fsspec.filesystem("s3" if str(place).startswith("s3") else "file")
    with contextlib.suppress(NotImplementedError):
        files.makedirs(str(place), exist_ok=True)
    for number in range(count):
        text = f"第{number}号公司2024年营收{number + 1}.5亿元，同比增长{number % 40}%。\n2025年3月{number % 28 + 1}日 财经快讯\n净利润{number % 9 + 1}亿元，毛利率31.4%。\n"
        files.pipe_file(f"{place}/{number:03}.txt", b"" if number % 10 == 3 else text.encode("gb18030" if number % 3 else "utf-8"))
    return str(place)


def strip_places(tables: dict, place: str) -> dict:
    """Return the tables with paths counted from `place`, and without the names of batches, which are made from paths."""
    import polars as pl

    stripped = {}
    for name, frame in tables.items():
        if "source_path" in frame.columns:
            frame = frame.with_columns(pl.col("source_path").str.strip_prefix(place))
        stripped[name] = frame.drop("batch_id", strict=False).sort(pl.all())
    return stripped


def test_sources_and_parts_in_an_object_store_give_the_same_tables(bucket, tmp_path):
    local, remote = write_articles(tmp_path / "in", 12), write_articles(f"{bucket}/in", 12)
    run_directly(Settings((local,), tmp_path / "local", max_rejected=1))
    run_directly(Settings((remote,), tmp_path / "mirror", max_rejected=1, parts=f"{bucket}/parts"))
    expected = strip_places(read_tables(tmp_path / "local"), local)
    assert_same_tables(expected, strip_places(read_tables(tmp_path / "mirror"), remote))
    # the address is remembered, and what is known is not judged again
    again = run_directly(Settings((remote,), tmp_path / "mirror", max_rejected=1))
    assert (again.read, again.skipped) == (0, 12)
    # another machine begins with the address alone
    elsewhere = run_directly(Settings((remote,), tmp_path / "elsewhere", max_rejected=1, parts=f"{bucket}/parts/"))
    assert (elsewhere.read, elsewhere.skipped) == (0, 12)
    assert_same_tables(expected, strip_places(read_tables(tmp_path / "elsewhere"), remote))


def test_a_local_warehouse_moves_to_an_object_store(articles, bucket, tmp_path):
    root = tmp_path / "w"
    run_directly(Settings((str(articles),), root))
    before = read_tables(root)
    run_directly(Settings((str(articles),), root, parts=f"{bucket}/parts"))
    files = fsspec.filesystem("s3")
    assert {Path(name).name for name in files.find(f"{bucket}/parts/commits")} == {path.name for path in (root / "commits").iterdir()}
    run_directly(Settings((str(articles),), tmp_path / "copy", parts=f"{bucket}/parts"))
    assert_same_tables(before, read_tables(tmp_path / "copy"))
    with pytest.raises(WarehouseError, match=r"lie at s3://news/.* not at s3://news/other"):
        run_directly(Settings((str(articles),), root, parts="s3://news/other"))


def test_a_kill_while_mirroring_leaves_no_marker_without_its_parts(articles, bucket, tmp_path, monkeypatch):
    run_directly(Settings((str(articles),), tmp_path / "w", parts=f"{bucket}/parts"))
    fetch, calls = mirror._fetch, iter(range(10))

    def fetch_or_die(*words):
        if next(calls) == 1:
            raise KeyboardInterrupt
        fetch(*words)

    monkeypatch.setattr(mirror, "_fetch", fetch_or_die)
    with pytest.raises(KeyboardInterrupt):
        run_directly(Settings((str(articles),), tmp_path / "copy", parts=f"{bucket}/parts"))
    assert not list((tmp_path / "copy").glob("commits/*"))
    monkeypatch.undo()
    run_directly(Settings((str(articles),), tmp_path / "copy", parts=f"{bucket}/parts"))
    assert_same_tables(read_tables(tmp_path / "w"), read_tables(tmp_path / "copy"))


def test_a_store_that_refuses_says_so(articles, s3, tmp_path):
    with pytest.raises(StoreError, match=r"no-such-bucket/parts.* cannot be .* Check the address"):
        run_directly(Settings((str(articles),), tmp_path / "w", parts="s3://no-such-bucket/parts"))
    with pytest.raises(StoreError, match=r"nowhere://x cannot be opened"):
        run_directly(Settings((str(articles),), tmp_path / "v", parts="nowhere://x"))


def test_a_worker_killed_mid_run_changes_nothing(cluster, bucket, tmp_path, monkeypatch):
    address, workers = cluster
    monkeypatch.setattr(steps, "plan_batches", lambda *words: parts.plan_batches(*words, target_bytes=200))
    place, store = write_articles(f"{bucket}/in", 60), f"{bucket}/parts"
    files = fsspec.filesystem("s3", skip_instance_cache=True)

    def kill_one():
        while len(found := files.glob(f"{store}/commits/*.json", refresh=True)) < 4:
            files.invalidate_cache()
            time.sleep(0.05)
        os.kill(workers[0].pid, signal.SIGKILL)
        seen.append(len(found))

    seen, killer = [], threading.Thread(target=kill_one, daemon=True)
    killer.start()
    summary = run_directly(Settings((place,), tmp_path / "cluster", max_rejected=1, parts=store, dask=address))
    killer.join(10)
    batches = len(list((tmp_path / "cluster" / "commits").glob("*.json"))) - 1
    assert seen
    assert seen[0] < batches
    assert workers[0].poll() == -signal.SIGKILL
    assert summary.read == 54
    run_directly(Settings((place,), tmp_path / "local", max_rejected=1))
    assert_same_tables(read_tables(tmp_path / "local"), read_tables(tmp_path / "cluster"))


def test_a_cluster_without_a_common_disk_or_scheduler_says_so(cluster, articles, tmp_path, monkeypatch):
    address, _ = cluster
    # with a disk in common, relative paths mean the same to the workers
    monkeypatch.chdir(tmp_path)
    assert run_directly(Settings(("articles",), Path("w"), dask=address)).read == 2
    monkeypatch.setattr(steps, "committed", lambda root: [])
    with pytest.raises(WarehouseError, match=r"disks of their own.*--parts s3://"):
        run_directly(Settings(("articles",), Path("v"), dask=address))
    monkeypatch.setattr("distributed.Client.nthreads", lambda client: {})
    with pytest.raises(ClusterError, match="has no workers"):
        run_directly(Settings(("articles",), Path("u"), dask=address))


@pytest.mark.parametrize(("address", "said"), [("tcp://127.0.0.1:1", "No Dask scheduler answers"), ("nonsense", "No Dask scheduler answers")])
def test_the_command_tells_in_a_sentence_that_there_is_no_scheduler(articles, tmp_path, monkeypatch, address, said):
    import distributed

    monkeypatch.setattr(distributed.Client, "__init__", lambda *words, **more: (_ for _ in ()).throw(OSError("connection refused")))
    result = CliRunner().invoke(cli.app, ["run", str(articles), "--direct", "--warehouse", str(tmp_path / "w"), "--dask", address])
    assert result.exit_code == 1
    assert said in result.output
