"""The Spark session of the engine."""
import os
import sys
import tempfile
import zipfile

from pyspark import SparkConf
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
    conf = SparkConf().setAppName("ratchet")
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
