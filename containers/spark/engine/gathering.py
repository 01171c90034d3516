"""What tasks tell the driver, by way of files: a part of many gigabytes tells more than a driver's Java can hold, and all
cores can write at once. The folder is one of this machine, which driver and executors share: a job runs on one instance."""
import os
import pickle
import shutil
import tempfile


class Gathering:
    def __init__(self, parent):
        os.makedirs(parent, exist_ok=True)
        self._folder = tempfile.mkdtemp(prefix=".gathering-", dir=parent)

    def close(self):
        shutil.rmtree(self._folder, ignore_errors=True)

    def of(self, rdd):
        """All that `rdd` holds, in the order of its partitions."""
        folder = tempfile.mkdtemp(dir=self._folder)
        # Executors may be another user.
        for path in (self._folder, folder):
            os.chmod(path, 0o777)
        rdd.mapPartitionsWithIndex(lambda place, told: _keep(folder, place, told)).count()
        for place in range(rdd.getNumPartitions()):
            path = _path(folder, place)
            with open(path, "rb") as file:
                yield from _records(file)
            os.unlink(path)


def _path(folder, place):
    return os.path.join(folder, str(place))


def _keep(folder, place, told):
    """Whole or not at all, however often the task is tried; it tells the same each time."""
    with tempfile.NamedTemporaryFile(dir=folder, delete=False) as file:
        for record in told:
            pickle.dump(record, file, pickle.HIGHEST_PROTOCOL)
    os.chmod(file.name, 0o644)
    os.replace(file.name, _path(folder, place))
    return ()


def _records(file):
    while True:
        try:
            yield pickle.load(file)
        except EOFError:
            return
