"""Features on a cluster: a worker dies midway, and what comes out is the same to the byte."""

import os
import signal
from collections import Counter

import dask
import distributed
import psutil
import pytest

from train.__main__ import main
from train.data import extract, store

FILES = ("training.npz", "validation.npz", "test.npz", "metadata.json", "report.json")


@pytest.fixture
def dask_cluster():
    """A scheduler's address, and what kills one of two workers."""
    with (
        distributed.LocalCluster(n_workers=2, threads_per_worker=1, dashboard_address=None) as two,
        distributed.Client(two) as client,
    ):
        yield two.scheduler_address, lambda: min(client.run(os.getpid).values())


@pytest.fixture
def ray_cluster(monkeypatch):
    """The same of Ray's: two nodes of one processor each."""
    monkeypatch.setenv("RAY_AUTH_MODE", "disabled")
    monkeypatch.setenv("RAY_USAGE_STATS_ENABLED", "0")
    ray = pytest.importorskip("ray", reason="Ray is not installed: requirements-cluster.txt")
    from ray.cluster_utils import Cluster

    small = {"num_cpus": 1, "object_store_memory": 100 * 2**20}
    two = Cluster(initialize_head=True, head_node_args={**small, "include_dashboard": False})
    two.add_node(**small)

    def worker():
        found = psutil.process_iter(["cmdline"])
        return min(p.pid for p in found if "ray::PoolActor" in "".join(p.info["cmdline"] or ()))

    yield two.address, worker
    ray.shutdown()
    two.shutdown()


@pytest.mark.slow
@pytest.mark.parametrize("name", ["dask", "ray"])
def test_a_worker_that_is_killed_costs_nothing(
    name, request, fma_download, prepared_fma, tmp_path, monkeypatch
):
    scheduler, worker = request.getfixturevalue(f"{name}_cluster")
    add, arrived, killed = extract.Store.add, [], []

    def watched(features):
        for got in features:
            arrived.append(got.source)
            if len(arrived) == 10:
                killed.append(worker())
                os.kill(killed[0], signal.SIGKILL)
            yield got

    monkeypatch.setattr(extract, "KEPT_EVERY", 16)
    monkeypatch.setattr(store, "KEPT_EVERY", 16)
    monkeypatch.setattr(extract.Store, "add", lambda self, got: add(self, watched(got)))
    command = ["prepare", "--fma", str(fma_download), "--output", str(tmp_path)]
    assert main([*command, "--backend", name, "--scheduler", scheduler]) == 0
    assert killed
    assert not psutil.pid_exists(killed[0])
    assert set(Counter(arrived).values()) == {1}
    assert len(arrived) == 56 + 4  # whole clips, and those that only reading shows to be damaged
    for file in FILES:
        assert (tmp_path / file).read_bytes() == (prepared_fma[0] / file).read_bytes(), file


def test_a_cluster_that_is_not_there_is_one_sentence(fma_download, tmp_path, capsys):
    command = ["prepare", "--fma", str(fma_download), "--output", str(tmp_path)]
    assert main([*command, "--scheduler", "tcp://127.0.0.1:1"]) == 1
    assert "add --backend dask" in capsys.readouterr().err.splitlines()[-1]
    with dask.config.set({"distributed.comm.timeouts.connect": "1s"}):
        assert main([*command, "--backend", "dask", "--scheduler", "tcp://127.0.0.1:1"]) == 1
    assert "No dask cluster at tcp://127.0.0.1:1" in capsys.readouterr().err.splitlines()[-1]
