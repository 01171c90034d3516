"""What CloudWatch Logs promises of a function's log, by boto3."""
import json
import unittest

from botocore.exceptions import ClientError
from endpoint import client

logs = client("logs")
GROUP = "/aws/lambda/say"


class Logs(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        lines = [f"line {n}" for n in range(30)] + ['{"level": "error", "n": 1}']
        client("lambda").invoke(FunctionName="say", Payload=json.dumps({"lines": lines}))

    def test_filter_by_pages(self):
        pages = logs.get_paginator("filter_log_events").paginate(
            logGroupName=GROUP, filterPattern="line -7", PaginationConfig={"PageSize": 4}
        )
        found = [event["message"].strip() for page in pages for event in page["events"]]
        # Both boto3s invoke, one after the other.
        once = [f"line {n}" for n in range(30) if "7" not in str(n)]
        self.assertIn(found, [once, once * 2])

    def test_filter_json(self):
        answer = logs.filter_log_events(logGroupName=GROUP, filterPattern="{ $.n >= 1 && $.level = error }")
        self.assertEqual({event["message"] for event in answer["events"]}, {'{"level": "error", "n": 1}\n'})

    def test_read_a_stream_to_its_head(self):
        [stream, *_] = logs.describe_log_streams(logGroupName=GROUP)["logStreams"]
        arguments = {"logGroupName": GROUP, "logStreamName": stream["logStreamName"], "limit": 10}
        messages = []
        answer = logs.get_log_events(**arguments)
        while answer["events"]:
            messages = [event["message"] for event in answer["events"]] + messages
            answer = logs.get_log_events(**arguments, nextToken=answer["nextBackwardToken"])
        self.assertTrue(messages[0].startswith("INIT_START"), messages[0])
        self.assertTrue(messages[-1].startswith("REPORT"), messages[-1])

    def test_groups(self):
        pages = logs.get_paginator("describe_log_groups").paginate(PaginationConfig={"PageSize": 1})
        names = [group["logGroupName"] for page in pages for group in page["logGroups"]]
        self.assertEqual(names, [f"/aws/lambda/{name}" for name in ("echo", "exit", "fail", "say", "spin")])

    def test_errors(self):
        for call, code in (
            (lambda: logs.filter_log_events(logGroupName="none"), "ResourceNotFoundException"),
            (lambda: logs.filter_log_events(logGroupName=GROUP, filterPattern="{"), "InvalidParameterException"),
            (lambda: logs.get_log_events(logGroupName=GROUP, logStreamName="none"), "ResourceNotFoundException"),
        ):
            with self.assertRaises(ClientError) as raised:
                call()
            self.assertEqual(raised.exception.response["Error"]["Code"], code)
