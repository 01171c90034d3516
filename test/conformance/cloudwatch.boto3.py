"""Metrics of one's own application, by boto3: the newer one speaks JSON, the older one the Query protocol."""
import datetime
import unittest

import boto3
from botocore.exceptions import ClientError
from endpoint import client

cloudwatch = client("cloudwatch")
NAMESPACE = "Mine/" + boto3.__version__
START = datetime.datetime.now(datetime.timezone.utc).replace(second=0, microsecond=0) - datetime.timedelta(minutes=10)
SIZE = [{"Name": "Queue", "Value": "7"}, {"Name": "Stage", "Value": "a&b"}]


def put(name, **datum):
    moment = START + datetime.timedelta(seconds=datum.pop("after", 1))
    data = [{"MetricName": name, "Dimensions": SIZE, "Timestamp": moment, **datum}]
    cloudwatch.put_metric_data(Namespace=NAMESPACE, MetricData=data)


def get(name, *stats, **more):
    queries = [
        {
            "Id": "q%d" % number,
            "MetricStat": {
                "Metric": {"Namespace": NAMESPACE, "MetricName": name, "Dimensions": SIZE},
                "Period": 60,
                "Stat": stat,
            },
        }
        for number, stat in enumerate(stats)
    ]
    end = START + datetime.timedelta(minutes=5)
    more.setdefault("ScanBy", "TimestampAscending")
    return cloudwatch.get_metric_data(MetricDataQueries=queries, StartTime=START, EndTime=end, **more)


class Metrics(unittest.TestCase):
    def test_values_by_period(self):
        put("Single", Value=1.5)
        put("Single", Value=-2.5, after=2)
        put("Single", Value=4, after=61)
        sums, counts = get("Single", "Sum", "SampleCount")["MetricDataResults"]
        self.assertEqual(sums["Values"], [-1, 4])
        self.assertEqual(counts["Values"], [2, 1])
        self.assertEqual(sums["Timestamps"], [START, START + datetime.timedelta(minutes=1)])
        self.assertEqual((sums["Id"], sums["Label"], sums["StatusCode"]), ("q0", "Single", "Complete"))
        newest_first = get("Single", "Sum", ScanBy="TimestampDescending")["MetricDataResults"][0]
        self.assertEqual(newest_first["Values"], [4, -1])

    def test_values_with_counts(self):
        put("Many", Values=[1, 2, 3], Counts=[10, 20, 70], Unit="Milliseconds")
        median, most = get("Many", "p50", "Maximum")["MetricDataResults"]
        self.assertEqual((median["Values"], most["Values"]), ([3], [3]))

    def test_statistic_set(self):
        put("Set", StatisticValues={"SampleCount": 4, "Sum": 10, "Minimum": 1, "Maximum": 5})
        low, mean = get("Set", "Minimum", "Average")["MetricDataResults"]
        self.assertEqual((low["Values"], mean["Values"]), ([1], [2.5]))

    def test_nothing(self):
        self.assertEqual(get("Nothing", "Sum")["MetricDataResults"][0]["Values"], [])


class Refused(unittest.TestCase):
    def code(self, call):
        with self.assertRaises(ClientError) as raised:
            call()
        self.assertEqual(raised.exception.response["ResponseMetadata"]["HTTPStatusCode"], 400)
        return raised.exception.response["Error"]["Code"]

    def test_statistic(self):
        self.assertEqual(self.code(lambda: get("Single", "p101")), "InvalidParameterValue")

    def test_counts(self):
        self.assertEqual(self.code(lambda: put("Bad", Values=[1, 2], Counts=[1])), "InvalidParameterValue")

    def test_no_value(self):
        self.assertEqual(self.code(lambda: put("Bad")), "MissingParameter")
