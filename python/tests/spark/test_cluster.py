"""A standalone cluster of a master and two workers, of which one dies in mid-run: the result is the same."""

import os
import re
import signal
import socket
import subprocess
import sys
import threading
import time
from pathlib import Path

import pyspark
import pytest

SCRIPT = """
import sys
from pyspark.sql import SparkSession
from naskh.spark.script import main
sys.exit(main(sys.argv[1:]))
"""


def free_port():
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return listener.getsockname()[1]


def daemon(folder, name, *arguments):
    log = open(folder / f"{name}.log", "w")
    environment = {**os.environ, "SPARK_LOCAL_DIRS": str(folder / name), "SPARK_WORKER_DIR": str(folder / name)}
    environment.setdefault("SPARK_HOME", str(Path(pyspark.__file__).parent))
    command = [str(Path(environment["SPARK_HOME"], "bin", "spark-class")), *arguments]
    # A group of its own: what the worker starts ends with it.
    return subprocess.Popen(command, stdout=log, stderr=log, env=environment, start_new_session=True)


@pytest.fixture
def cluster(tmp_path):
    port = free_port()
    master = f"spark://127.0.0.1:{port}"
    ports = ["--host", "127.0.0.1", "--webui-port", "0"]
    started = [daemon(tmp_path, "master", "org.apache.spark.deploy.master.Master", "--port", str(port), *ports)]
    worker = ["org.apache.spark.deploy.worker.Worker", "--cores", "1", "--memory", "1g", *ports, master]
    started += [daemon(tmp_path, f"worker-{number}", *worker) for number in range(2)]
    yield master, started
    for process in started:
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()


def test_a_worker_that_dies_changes_nothing(
    cluster, settings, articles, groups_of_program, groups_of_frame, spark, tmp_path
):
    master, (_, victim, _) = cluster
    folder, output = tmp_path / "put-aside", tmp_path / "groups"
    settings = {
        **settings,
        "spark.master": master,
        "spark.executor.memory": "512m",
        # As many executors as there are workers, from the start.
        "spark.scheduler.minRegisteredResourcesRatio": "1.0",
    }
    submit = " ".join(f"--conf {key}={value}" for key, value in settings.items())
    environment = {**os.environ, "PYSPARK_SUBMIT_ARGS": f"{submit} pyspark-shell"}
    paths = [str(Path(__import__("naskh").__file__).parents[1]), os.environ.get("PYTHONPATH", "")]
    environment["PYTHONPATH"] = os.pathsep.join(filter(None, paths))
    arguments = ["group", str(articles), "-o", str(output), "--folder", str(folder)]
    run = subprocess.Popen([sys.executable, "-c", SCRIPT, *arguments], env=environment, stderr=subprocess.PIPE, text=True)
    killed = threading.Event()

    def kill_in_mid_run():
        # The candidates are being compared.
        while run.poll() is None and not list(folder.glob("*/candidates/_SUCCESS")):
            time.sleep(0.05)
        if run.poll() is None:
            os.killpg(victim.pid, signal.SIGKILL)
            killed.set()

    killer = threading.Thread(target=kill_in_mid_run)
    killer.start()
    told = run.communicate(timeout=400)[1]
    killer.join()
    assert run.returncode == 0, told[-3000:]
    assert killed.is_set(), "the run was over before the worker died"
    assert re.search("Lost executor", told), "the executor was not missed"
    assert groups_of_frame(spark.read.parquet(str(output))) == groups_of_program(articles)
