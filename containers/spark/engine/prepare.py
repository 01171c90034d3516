"""The Spark engine: the steps of docs/data.md over the rows of one dataset, or of many small ones at once, from parts to
the files of a dataset. Rows go through Spark as few columns whatever a specification declares, so that its plans never
depend on it; what a row means is worked out in Python, block by block."""
import json
import math
import os
from collections import defaultdict
from contextlib import ExitStack
from zlib import crc32

from pyspark import StorageLevel
from pyspark.sql import Window
from pyspark.sql import functions as F

from .blocks import blocks_of
from .distribution import count_block, meet, merged, ranked, within
from .first_stage import BATCHES, SCHEMA, clean_batch, clean_bundle, read_batches
from .gathering import Gathering
from .output import DatasetFiles
from .plan import Plan, plan_of
from .render import MOST_CORRELATED, Known, count, near_rows, put_aside, render
from .result import Aside, add_up, fitted_json, prepared, quantile_ranks, rejected
from .shares import asked_unique, identities
from .steps import Fitted, Worked

_BUNDLE_BYTES = 32 * 1024**2
"""Of parts that one task reads, where they are that small: a task for each would be most of the work."""
_PARTITION_BYTES = 64 * 1024**2
"""Of text in one partition of rows, or of features that are written of it: a few hundred thousand rows, in a few hundred
MB of Python."""
_PACKED = (".gz", ".gzip", ".zst", ".zstd", ".parquet")
_EXPANSION = 20
"""Of packed parts, generously: partitions that turn out smaller cost little."""
_MOST_MEETINGS = 2048
"""Meeting places of all columns' values together: each tells the driver of some thousands."""


class Job:
    """One dataset: what is asked, and what is known of it so far."""

    def __init__(self, place, data, parts, directory, limits=None):
        self.place = place
        self.specification = json.dumps(data)
        self.plan = Plan(data)
        self.parts = sorted(parts, key=_in_order)
        self.directory = directory
        self.limits = limits or {}
        self.refusal = None if parts else "there are no files to prepare; drop one"
        self.facts = {}
        self.fitted = Fitted()
        self.distributions = {}
        self.referenced = [
            column for column in self.plan.inputs if not column.is_text or column.categories
        ]
        self.edges = {}
        self.correlated = []
        self.told_scales = {}
        self.near_duplicates = None
        self.unique = {}

    @property
    def going(self):
        return self.refusal is None


def _in_order(part):
    """By key, then version, as strings of code units."""
    texts = (part["key"], part.get("versionId") or "", part.get("bucket") or "")
    return [text.encode("utf-16-be", "surrogatepass") for text in texts]


def prepare(session, jobs, partitions=None, bundle_bytes=_BUNDLE_BYTES):
    """Prepares the datasets; answers what `result.json` says of each, in order. Fails only where Spark or storage does.
    The number of partitions hangs on the data alone, so that any number of executors gives the same."""
    run = _Run(session, jobs, partitions, bundle_bytes)
    try:
        run.learn_facts()
        run.fit_sides()
        run.fit_fences()
        run.fit_fills()
        run.summarize()
        run.count_near_duplicates()
        run.count_unique()
        return run.write()
    finally:
        run.close()


class _Run:
    def __init__(self, session, jobs, partitions, bundle_bytes):
        self._session = session
        self._bundle_bytes = bundle_bytes
        self._jobs = jobs
        size = sum(_text_bytes(part) * _widening(job.plan) for job in jobs for part in job.parts)
        self._partitions = partitions or max(1, math.ceil(size / _PARTITION_BYTES))
        self._gathering = Gathering(os.path.dirname(os.path.abspath(jobs[0].directory)))
        self._blocks = self._read().persist(StorageLevel.DISK_ONLY)

    def close(self):
        self._blocks.unpersist()
        self._gathering.close()

    def _read(self):
        context = self._session.sparkContext
        specifications = context.broadcast([job.specification for job in self._jobs])
        limits = context.broadcast([job.limits for job in self._jobs])
        small, large = [], []
        for number, bundle in enumerate(_bundles(self._jobs, self._bundle_bytes)):
            (large if self._is_large(bundle) else small).append((number, bundle))

        def over(bundles, work):
            spread = context.parallelize(bundles, max(1, len(bundles)))
            return spread.flatMap(lambda bundle: work(*bundle, specifications.value, limits.value))

        records = over(small, clean_bundle)
        if large:
            batches = self._session.createDataFrame(over(large, read_batches), BATCHES, verifySchema=False)
            spread = batches.repartition(self._partitions, "slot")
            cleaned = spread.rdd.flatMap(lambda row: clean_batch(row.batch, specifications.value))
            records = records.union(cleaned) if small else cleaned
        frame = self._session.createDataFrame(records, SCHEMA, verifySchema=False)
        same = Window.partitionBy("dataset", "key").orderBy(
            F.col("newest").desc_nulls_last(), "age_part", "age_line"
        )
        chunk = ["dataset", "bundle", "chunk"]
        ordered = (
            frame.withColumn("first", F.row_number().over(same) == 1)
            .repartitionByRange(self._partitions, *chunk)
            .sortWithinPartitions(*chunk, "part", "line")
            .select(*chunk, "part", "line", "kind", "first", "payload")
        )

        def plan(dataset):
            return plan_of(specifications.value[dataset])

        self._plan_of = plan
        return ordered.rdd.mapPartitions(lambda rows: blocks_of(rows, plan))

    def _is_large(self, bundle):
        return len(bundle) == 1 and _text_bytes(bundle[0][2]) > self._bundle_bytes

    def _going(self):
        return [job for job in self._jobs if job.going]

    def _over_blocks(self, work, places):
        """`work(worked)` for each block of these datasets, as far as their fits have come."""
        fitted = self._session.sparkContext.broadcast({place: self._jobs[place].fitted for place in places})
        plan = self._plan_of

        def each(block):
            if block.dataset not in fitted.value:
                return ()
            return work(Worked(block, plan(block.dataset), fitted.value[block.dataset]))

        return self._blocks.flatMap(each)

    def learn_facts(self):
        def facts(block):
            told = [(block.dataset, "facts", part, fact) for part, fact in block.facts]
            return told + [(block.dataset, "refusal", part, reason) for part, reason in block.refusals]

        refusals = defaultdict(list)
        for dataset, kind, part, told in self._gathering.of(self._blocks.flatMap(facts)):
            if kind == "facts":
                self._jobs[dataset].facts[part] = told
            else:
                refusals[dataset].append((part, told))
        for job in self._going():
            if refusals[job.place]:
                job.refusal = min(refusals[job.place])[1]
            elif "rows" in job.limits and sum(fact["rows"] for fact in job.facts.values()) > job.limits["rows"]:
                job.refusal = f"{job.parts[-1]['key']}: with this file the dataset has more rows than allowed; drop less data"

    def _distributions(self, wants):
        """By dataset and want; wants is `{dataset: [want]}`."""
        wants = {place: list(dict.fromkeys(asked)) for place, asked in wants.items() if asked}
        if not wants:
            return {}
        meeting_places = max(1, min(self._partitions, _MOST_MEETINGS // sum(map(len, wants.values()))))

        def counts(worked):
            dataset = worked.block.dataset
            for (place, want), counted in count_block(worked, wants[dataset], meeting_places):
                yield (place, dataset, want), counted

        met = (
            self._over_blocks(counts, wants)
            .groupByKey(self._partitions, partitionFunc=_spread)
            .mapValues(meet)
        )
        parts = defaultdict(list)
        for (place, dataset, want), part in self._gathering.of(met):
            parts[dataset, want].append((place, part))
        found = defaultdict(dict)
        for dataset, asked in wants.items():
            for want in asked:
                arrived = sorted(parts[dataset, want], key=lambda each: each[0])
                found[dataset][want] = merged(want, [part for _, part in arrived])
        return found

    def _ranks(self, distributions, asked):
        """The values at ranks, `{(dataset, want): [rank]}`; those that no sample holds are looked for among the rows."""
        values = {}
        open_brackets = defaultdict(list)
        for (dataset, want), ranks in asked.items():
            for rank in ranks:
                low, high = distributions[dataset][want].bracket(rank)
                if low is None:
                    values[dataset, want, rank] = high
                else:
                    open_brackets[dataset, want, low, high].append(rank)
        if open_brackets:
            self._look_within(open_brackets, values)
        return {key: [values[(*key, rank)] for rank in ranks] for key, ranks in asked.items()}

    def _look_within(self, open_brackets, values):
        by_dataset = defaultdict(list)
        for dataset, *bracket in open_brackets:
            by_dataset[dataset].append(tuple(bracket))
        brackets = dict(by_dataset)

        def look(worked):
            dataset = worked.block.dataset
            for (want, low, high), answer in within(worked, brackets[dataset]):
                yield (dataset, want, low, high), answer

        arrived = defaultdict(list)
        for key, answer in self._gathering.of(self._over_blocks(look, brackets)):
            arrived[key].append(answer)
        for key, ranks in open_brackets.items():
            dataset, want, _, _ = key
            for rank in ranks:
                values[dataset, want, rank] = ranked(arrived[key], rank)

    def fit_sides(self):
        timed = [job for job in self._going() if job.plan.time is not None]
        wants = {job.place: ("time", job.plan.time.at) for job in timed}
        found = self._distributions({place: [want] for place, want in wants.items()})
        asked = {}
        for job in timed:
            want = wants[job.place]
            asked[job.place, want] = _border_ranks(job.plan, found[job.place][want].present)
        for (place, _), borders in self._ranks(found, asked).items():
            self._jobs[place].fitted.split = tuple(borders) or (None, None)

    def fit_fences(self):
        columns = {
            job.place: [column for column in job.plan.columns if column.outliers] for job in self._going()
        }
        wants = {place: [("value", column.at) for column in fenced] for place, fenced in columns.items()}
        found = self._distributions(wants)
        asked = {}
        for place, fenced in columns.items():
            for column in fenced:
                present = found[place]["value", column.at].present
                if column.outliers["method"] == "iqr" and present:
                    asked[place, ("value", column.at)] = [-(-present // 4) - 1, -(-3 * present // 4) - 1]
        quartiles = self._ranks(found, asked)
        for place, fenced in columns.items():
            fences = {}
            for column in fenced:
                want = ("value", column.at)
                fence = _fence(column, found[place][want], quartiles.get((place, want)))
                if fence is not None:
                    fences[column.at] = fence
            self._jobs[place].fitted.fences = fences

    def fit_fills(self):
        columns = {job.place: [column for column in job.plan.columns if column.fill] for job in self._going()}
        wants = {place: [_want(column) for column in filled] for place, filled in columns.items()}
        found = self._distributions(wants)
        asked = {}
        for place, filled in columns.items():
            for column in filled:
                present = found[place][_want(column)].present
                if column.fill == "median" and present:
                    asked[place, _want(column)] = sorted({(present - 1) // 2, present // 2})
        middles = self._ranks(found, asked)
        for place, filled in columns.items():
            fills = {}
            for column in filled:
                want = _want(column)
                if found[place][want].present == 0:
                    self._jobs[place].refusal = self._jobs[place].refusal or (
                        f'the column "{column.name}" has no value in any training row, so that nothing can fill its '
                        f'missing ones; set "missing" to another rule'
                    )
                else:
                    fills[column.at] = _fill(column, found[place][want], middles.get((place, want)))
            if self._jobs[place].going:
                self._jobs[place].fitted.fills = fills

    def summarize(self):
        wants = {job.place: _summary_wants(job) for job in self._going()}
        found = self._distributions(wants)
        asked = {}
        for job in self._going():
            job.distributions = found.get(job.place, {})
            for column in job.referenced:
                want = _before(column)
                asked[job.place, want] = quantile_ranks(job.distributions[want].present)
        edges = self._ranks(found, asked)
        for job in self._going():
            job.edges = {
                column.at: list(dict.fromkeys(edges[job.place, _before(column)])) for column in job.referenced
            }
            texts = {column.at for column in job.plan.columns if column.is_text}
            numbers = [at for at in range(len(job.plan.values)) if at not in texts]
            job.correlated = numbers[:MOST_CORRELATED]
            job.fitted.scales = self._scales(job)

    @staticmethod
    def _scales(job):
        scales = {}
        for feature in job.plan.features:
            if feature.scale not in ("standard", "min-max"):
                continue
            known = job.distributions["value", feature.at]
            if feature.scale == "standard":
                scales[feature.name] = (known.mean, known.deviation)
                job.told_scales[feature.name] = {"mean": known.mean, "deviation": known.deviation}
            else:
                scales[feature.name] = (known.minimum, known.maximum - known.minimum)
                job.told_scales[feature.name] = {"minimum": known.minimum, "maximum": known.maximum}
        return scales

    def count_near_duplicates(self):
        asked = {job.place: job.fitted.scales for job in self._going() if job.plan.asks_near_duplicates}
        if not asked:
            return

        def seen(worked):
            dataset = worked.block.dataset
            for row, trained in near_rows(worked, asked[dataset]):
                yield (dataset, row), 1 if trained else 2

        both = (
            self._over_blocks(seen, asked)
            .reduceByKey(lambda a, b: a | b, self._partitions, partitionFunc=_spread)
            .filter(lambda each: each[1] == 3)
            .map(lambda each: (each[0][0], 1))
            .reduceByKey(lambda a, b: a + b, 1, partitionFunc=lambda key: 0)
        )
        for place in asked:
            self._jobs[place].near_duplicates = 0
        for place, number in self._gathering.of(both):
            self._jobs[place].near_duplicates = number

    def count_unique(self):
        asked = [job.place for job in self._going() if asked_unique(job.plan)]
        if not asked:
            return

        def seen(worked):
            for place, identity in identities(worked):
                yield (worked.block.dataset, place, identity), None

        counts = (
            self._over_blocks(seen, asked)
            .reduceByKey(lambda a, _: a, self._partitions, partitionFunc=lambda key: key[2][0])
            .map(lambda each: (each[0][:2], 1))
            .reduceByKey(lambda a, b: a + b, 1, partitionFunc=lambda key: 0)
        )
        for place in asked:
            self._jobs[place].unique = {at: 0 for at, _ in asked_unique(self._jobs[place].plan)}
        for (place, at), number in self._gathering.of(counts):
            self._jobs[place].unique[at] = number

    def write(self):
        """Writes the files in the order of rows, partition by partition, as the executors render them."""
        known = {job.place: self._known(job) for job in self._going()}
        keys = {job.place: [part["key"] for part in job.parts] for job in self._jobs}

        def files(worked):
            dataset = worked.block.dataset
            quarantine, counted = put_aside(worked, keys[dataset])
            yield dataset, "aside", counted
            if quarantine:
                yield dataset, "quarantine.jsonl", quarantine
            if dataset in known:
                yield dataset, "counts", count(worked, known[dataset])
                for name, content in render(worked, known[dataset]):
                    yield dataset, name, content

        asides = {job.place: Aside() for job in self._jobs}
        counts = defaultdict(list)
        with ExitStack() as stack:
            outputs = {
                job.place: stack.enter_context(DatasetFiles(job.directory, job.plan, job.going)) for job in self._jobs
            }
            rendered = self._over_blocks(files, [job.place for job in self._jobs])
            for dataset, name, content in self._gathering.of(rendered):
                if name == "aside":
                    asides[dataset].add(content)
                elif name == "counts":
                    counts[dataset] = [add_up([*counts[dataset], content])]
                else:
                    outputs[dataset].add(name, content)
        return [self._conclude(job, asides[job.place], counts[job.place]) for job in self._jobs]

    @staticmethod
    def _known(job):
        numeric = [(at, known) for (kind, at), known in job.distributions.items() if kind == "value"]
        histograms = {at: (known.minimum, known.maximum) for at, known in numeric if known.present}
        return Known(job.fitted.scales, histograms, job.edges, job.correlated)

    @staticmethod
    def _conclude(job, aside, counts):
        if job.going:
            _write_json(job.directory, "fitted.json", fitted_json(job))
            told = prepared(job, aside, counts[0])
        else:
            told = rejected(job.refusal, aside)
        _write_json(job.directory, "result.json", told)
        return told


def _write_json(directory, name, told):
    with open(os.path.join(directory, name), "w", encoding="utf-8") as file:
        json.dump(told, file, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
        file.write("\n")


def _spread(key):
    """The same wherever it is asked, as hash() is not."""
    return crc32(repr(key).encode("utf-8"))


def _text_bytes(part):
    """What a part may be as text."""
    size = part.get("size") or 0
    return size * _EXPANSION if part["key"].lower().endswith(_PACKED) else size


def _widening(plan):
    """How much longer a row of features may be than the row that was read: one-hot and hashed ones are many, and short."""
    return max(1, len(plan.features) / (3 * len(plan.columns)))


def _bundles(jobs, most):
    """Lists of `(dataset, place, part)`, neighbours together as far as they are small."""
    bundles = []
    room = 0
    for job in jobs:
        for place, part in enumerate(job.parts):
            size = _text_bytes(part)
            if size > room or not bundles:
                bundles.append([])
                room = most
            bundles[-1].append((job.place, place, part))
            room -= size
    return bundles


def _border_ranks(plan, present):
    if present == 0:
        return []
    shares = (1 - plan.test - plan.validation, 1 - plan.test)
    return [min(present - 1, math.floor(present * share)) for share in shares]


def _fence(column, numbers, quartiles):
    if numbers.present == 0:
        return None
    factor = column.outliers.get("factor") or (1.5 if column.outliers["method"] == "iqr" else 3)
    if column.outliers["method"] == "iqr":
        first, third = quartiles
        low, high = first - factor * (third - first), third + factor * (third - first)
    elif numbers.minimum == numbers.maximum:
        return None
    else:
        reach = factor * numbers.deviation * (1 + 1e-9)
        low, high = numbers.mean - reach, numbers.mean + reach
    if column.kind == "integer":
        low, high = float(math.ceil(low)), float(math.floor(high))
    return low + 0.0, high + 0.0


def _want(column):
    return ("text" if column.is_text else "value", column.at)


def _before(column):
    """What the reference is made of: where no step changes a column behind *clean*, the column itself."""
    changes = column.is_text or column.outliers or column.fill
    return ("before" if changes else "value", column.at)


def _fill(column, known, middles):
    if column.fill == "mode":
        return known.mode
    value = known.mean if column.fill == "mean" else (middles[0] + middles[-1]) / 2
    if column.kind == "number":
        return value + 0.0
    # Half away from zero.
    return math.copysign(math.floor(abs(value) + 0.5), value) + 0.0


def _summary_wants(job):
    plan = job.plan
    return [
        *[_want(column) for column in plan.columns],
        *[("value", derived.at) for derived in plan.derived],
        *[_before(column) for column in job.referenced],
        *[("value", feature.at) for feature in plan.features if feature.scale in ("standard", "min-max")],
    ]
