"""Runs a step's tasks in processes of this machine or of a cluster, through joblib."""

import os
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager

import joblib

from train.errors import DataError

BACKENDS = ("loky", "dask", "ray")


@contextmanager
def backend(name: str, scheduler: str | None = None) -> Iterator[None]:
    """Lets `joblib.Parallel` run its tasks on a backend, within a ``with`` block.

    A cluster's workers import `train` and open the same paths as this machine. A task whose
    worker dies there runs again.

    Parameters
    ----------
    name : {"loky", "dask", "ray"}
    scheduler : str or None
        A Dask scheduler's address, such as ``"tcp://host:8786"``, or a Ray head's, such as
        ``"host:6379"``. Without one, Dask and Ray start workers on this machine.

    Raises
    ------
    DataError
        If the cluster cannot be reached or its library is not installed.
    """
    if name == "loky":
        if scheduler:
            raise DataError("--scheduler is a cluster's: add --backend dask or --backend ray.")
        with joblib.parallel_config("loky"):
            yield
        return
    with ExitStack() as running:
        try:
            config = _STARTS[name](scheduler, running)
        except ImportError as error:
            raise DataError(
                f"--backend {name} needs more: pip install -r train/requirements-cluster.txt "
                f"({error})."
            ) from error
        except (OSError, ValueError, RuntimeError) as error:
            where = f"at {scheduler} " if scheduler else ""
            raise DataError(f"No {name} cluster {where}can be used: {error}.") from error
        with config:
            yield


def _dask(scheduler: str | None, running: ExitStack) -> joblib.parallel_config:
    from distributed import Client

    alone = {"threads_per_worker": 1, "dashboard_address": None}
    client = running.enter_context(Client(scheduler) if scheduler else Client(**alone))
    return joblib.parallel_config("dask", client=client)


def _ray(scheduler: str | None, running: ExitStack) -> joblib.parallel_config:
    import ray
    from ray.util.joblib import register_ray

    os.environ.setdefault("RAY_USAGE_STATS_ENABLED", "0")  # it would report to its makers
    running.callback(ray.shutdown)
    ray.init(address=scheduler, include_dashboard=False if scheduler is None else None)
    register_ray()
    # By default, Ray restarts no worker and repeats no task.
    again = {"max_restarts": -1, "max_task_retries": -1}
    return joblib.parallel_config("ray", ray_remote_args=again)


_STARTS = {"dask": _dask, "ray": _ray}
