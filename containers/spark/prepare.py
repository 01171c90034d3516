"""Prepares a dataset with Spark, as docs/data.md means it.

In a SageMaker Processing job, `input/request/request.json` below /opt/ml/processing says what: `{data, parts, limits?}`, a
part being `{bucket, key, versionId, size, fresh}`; the files of the dataset go to `output/`.

`prepare.py --cases` is for tests: a line of standard input is a request with a `directory`, its parts with a `file` of this
machine; an empty line asks for the answers that are due, a line for each. Requests that come together are prepared
together, in one session."""
import json
import os
import re
import shutil
import sys

BASE = os.environ.get("SAGEMAKER_BASE_DIR", "/opt/ml")
PROCESSING = os.path.join(BASE, "processing")
MESSAGE = os.path.join(BASE, "output", "message")
NEEDED = ("pyspark", "numpy", "pyarrow", "zstandard", "boto3")


def missing():
    """What this machine lacks, and what to do about it; None when nothing is missing."""
    import importlib.util

    packages = [name for name in NEEDED if importlib.util.find_spec(name) is None]
    if packages:
        return (
            f"This Python ({sys.executable}) lacks {', '.join(packages)}: run \"npm run spark\", or name a Python that has "
            "the packages of containers/spark/requirements.txt in RATCHET_PYTHON"
        )
    java = os.environ.get("JAVA_HOME")
    if not (os.path.exists(os.path.join(java, "bin", "java")) if java else shutil.which("java")):
        return "Spark needs Java 17 and finds none: install it (Debian: apt-get install openjdk-17-jre-headless)"
    return None


def run_job():
    from engine.prepare import Job, prepare
    from engine.session import open_session

    with open(os.path.join(PROCESSING, "input", "request", "request.json"), encoding="utf-8") as file:
        request = json.load(file)
    session = open_session()
    job = Job(0, request["data"], request["parts"], os.path.join(PROCESSING, "output"), request.get("limits"))
    [result] = prepare(session, [job])
    session.stop()
    if result["kind"] == "rejected":
        return f"rejected: {result['reason']}"
    return "prepared: " + ", ".join(f"{count} {side}" for side, count in result["rows"].items())


def run_cases(lines):
    from engine.prepare import prepare
    from engine.session import open_session

    # Where plans are this small, compiling them would take longer than running them.
    settings = {"spark.sql.codegen.wholeStage": "false", "spark.sql.codegen.factoryMode": "NO_CODEGEN"}
    partitions = int(os.environ.get("RATCHET_SPARK_PARTITIONS", "1"))
    bundle_bytes = int(os.environ.get("RATCHET_SPARK_BUNDLE_BYTES", str(32 * 1024**2)))
    session = open_session(os.environ.get("RATCHET_SPARK_MASTER"), partitions, **settings)
    requests = []
    for line in lines:
        if line.strip():
            requests.append(json.loads(line))
            continue
        jobs = [_case(place, given) for place, given in enumerate(requests)]
        for result in prepare(session, jobs, partitions, bundle_bytes):
            print(json.dumps({"kind": result["kind"]}), flush=True)
        requests = []
    session.stop()


def _case(place, given):
    from engine.prepare import Job

    return Job(place, given["data"], given["parts"], given["directory"], given.get("limits"))


def tell(message):
    """What the job leaves behind for people: its ExitMessage."""
    os.makedirs(os.path.dirname(MESSAGE), exist_ok=True)
    with open(MESSAGE, "w", encoding="utf-8") as file:
        file.write(message)


def _told(error):
    """The last line of a failure says what went wrong, also where it went wrong on an executor."""
    text = str(getattr(error, "java_exception", None) or error)
    causes = [line.strip() for line in text.splitlines() if re.match(r"\s*[\w.]+(?:Error|Exception)\b.*: ", line)]
    return (causes[-1] if causes else text)[:1000]


def main(arguments):
    if arguments == ["--cases"]:
        return run_cases(sys.stdin)
    lacking = missing()
    if lacking is not None:
        tell(lacking)
        sys.exit(lacking)
    try:
        tell(run_job())
    except Exception as error:
        tell(_told(error))
        raise


if __name__ == "__main__":
    main(sys.argv[1:])
