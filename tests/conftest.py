"""What many tests share: the lexicon, the samples judged once, small articles of our own, one Prefect server a session."""

import atexit
import os
from pathlib import Path

import pytest

from flows.prefect_home import SETTINGS
from flows.terminal import silence_teardown
from transforms.lexicon import Lexicon
from transforms.pipeline import Tables, process
from warehouse.lexicon import read_lexicon
from warehouse.parts import plan_batches
from warehouse.readers import read_sources

os.environ.update(SETTINGS)  # before anything imports Prefect
atexit.register(silence_teardown)
ROOT = Path(__file__).parents[1]
SAMPLES = ROOT / "seeds" / "documents"

ARTICLES = {
    "hai_lan.txt": "海岚科技2024年营收同比增长12%\n2025年3月20日 财经快讯\n海岚科技今日公布2024年业绩。全年营收52.6亿元，同比增长12%；净利润6.1亿元。\n公司预计2025年营收58亿元。\n",
    "bei_feng.txt": "北峰电子上半年毛利率28.5%\r\n北峰电子2024年上半年实现营业收入8.4亿元，毛利率28.5%，研发费用0.9亿元。\r\n",
}


def pytest_addoption(parser):
    parser.addoption("--update-golden", action="store_true", help="rewrite tests/golden from what the samples give now")


@pytest.fixture(scope="session")
def lexicon() -> Lexicon:
    return read_lexicon()


@pytest.fixture(scope="session")
def sample_tables(lexicon, tmp_path_factory) -> Tables:
    """All tables of seeds/documents, judged once."""
    plan = plan_batches([str(SAMPLES)], tmp_path_factory.mktemp("none"), lexicon.rules_version)
    return process(read_sources([source for batch in plan.batches for source in batch.sources]).inputs, lexicon, "samples")


@pytest.fixture(scope="session")
def shared() -> Path:
    """The folder of real articles and labels, where it stands beside the project."""
    folder = ROOT.parent / "shared"
    if not folder.is_dir():
        pytest.skip("no folder of real articles beside the project")
    return folder


@pytest.fixture
def articles(tmp_path) -> Path:
    """A folder with two short articles, one of them with CRLF line ends."""
    folder = tmp_path / "articles"
    folder.mkdir()
    for name, text in ARTICLES.items():
        (folder / name).write_bytes(text.encode())
    return folder


@pytest.fixture(scope="session")
def prefect_server():
    """Prefect's server on a database of its own: tens of seconds, so once a session."""
    from prefect.testing.utilities import prefect_test_harness

    with prefect_test_harness(server_startup_timeout=180):
        yield


@pytest.fixture(scope="session")
def ui_server(tmp_path_factory):
    """What `caibao ui` starts, with services and UI: the warehouse's folder and the address."""
    from flows.server import find_port, run_server

    warehouse = tmp_path_factory.mktemp("ui") / "w"
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PREFECT_HOME", str(warehouse / ".prefect"))
        with run_server(warehouse, find_port(0)) as address:
            yield warehouse, address
