"""The Spark session of the engine."""
import os
import re
import sys
import tempfile
import zipfile

from pyspark import SparkConf, SparkContext
from pyspark.sql import SparkSession

_PACKAGE = os.path.dirname(os.path.abspath(__file__))

_SETTINGS = {
    "spark.ui.enabled": "false",
    "spark.ui.showConsoleProgress": "false",
    # Adaptive plans would choose their partitions by what they meet: the same data shall give the same blocks.
    "spark.sql.adaptive.enabled": "false",
    "spark.python.worker.reuse": "true",
}


def open_session(master=None, partitions=None, **settings):
    """A session on the cluster that spark-submit names, else on `master` (this machine's cores by default); executors
    get this package."""
    os.environ.setdefault("PYSPARK_PYTHON", sys.executable)
    if "PYSPARK_GATEWAY_PORT" in os.environ:
        # spark-submit has begun this program: what it was told is known to its Java alone, and only now to SparkConf.
        SparkContext._ensure_initialized()
    conf = SparkConf().setAppName("ratchet")
    _share_memory(conf)
    for name, value in {**_SETTINGS, **settings}.items():
        conf.set(name, value)
    if partitions:
        conf.set("spark.sql.shuffle.partitions", str(partitions))
    if not conf.contains("spark.master"):
        conf.setMaster(master or "local[*]")
        # Nothing of it needs to be reached from another machine.
        conf.set("spark.driver.host", "127.0.0.1").set("spark.driver.bindAddress", "127.0.0.1")
    session = SparkSession.builder.config(conf=conf).getOrCreate()
    session.sparkContext.setLogLevel("ERROR")
    session.sparkContext.addPyFile(_zipped())
    return session


def _share_memory(conf):
    """What an executor may take, as AWS's image sets it by the instance: ten elevenths for Java. Here most of the work is
    done by Python, a worker for each core, and an executor that takes more is killed."""
    names = ("spark.executor.memory", "spark.executor.memoryOverhead")
    given = [re.fullmatch(r"(\d+)m", conf.get(name, "")) for name in names]
    if not all(given):
        return
    whole = sum(int(each[1]) for each in given)
    java = whole * 2 // 5
    conf.set(names[0], f"{java}m").set(names[1], f"{whole - java}m")


def _zipped():
    directory = tempfile.mkdtemp(prefix="ratchet-spark-")
    path = os.path.join(directory, "engine.zip")
    with zipfile.ZipFile(path, "w") as archive:
        for folder, _, files in os.walk(_PACKAGE):
            for name in files:
                if name.endswith(".py"):
                    file = os.path.join(folder, name)
                    archive.write(file, os.path.join("engine", os.path.relpath(file, _PACKAGE)))
    return path
