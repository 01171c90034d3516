"""Rules of users and their events, by boto3."""
import datetime
import json
import unittest

from botocore.exceptions import ClientError
from endpoint import client

BUS = "ratchet-dev"
events = client("events")
sqs = client("sqs")


def create_queue(name):
    url = sqs.create_queue(QueueName=name)["QueueUrl"]
    arn = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
    return url, arn


def receive(url, count):
    """Takes this many messages, each once."""
    taken = []
    while len(taken) < count:
        answer = sqs.receive_message(
            QueueUrl=url, MaxNumberOfMessages=10, WaitTimeSeconds=1, MessageAttributeNames=["All"]
        )
        for message in answer.get("Messages", []):
            sqs.delete_message(QueueUrl=url, ReceiptHandle=message["ReceiptHandle"])
            taken.append(message)
    return taken


def put_rule(name, pattern, **target):
    events.put_rule(Name=name, EventBusName=BUS, EventPattern=json.dumps(pattern))
    answer = events.put_targets(Rule=name, EventBusName=BUS, Targets=[{"Id": "mine", **target}])
    assert answer["FailedEntryCount"] == 0


def remove_rule(name):
    events.remove_targets(Rule=name, EventBusName=BUS, Ids=["mine"])
    events.delete_rule(Name=name, EventBusName=BUS)


def entry(source, detail, **more):
    return {"EventBusName": BUS, "Source": source, "DetailType": "Done.v1", "Detail": json.dumps(detail), **more}


class Rules(unittest.TestCase):
    def test_a_queue_receives_what_its_rule_asks_for(self):
        url, arn = create_queue("boto3-plain")
        put_rule("boto3-plain", {"source": ["boto3"], "detail": {"n": [{"numeric": [">", 1]}]}}, Arn=arn)
        time = datetime.datetime(2026, 11, 24, 18, 43, 48, tzinfo=datetime.timezone.utc)
        answer = events.put_events(
            Entries=[entry("boto3", {"n": 1}), entry("boto3", {"n": 2}, Time=time), entry("other", {"n": 2})]
        )
        event = json.loads(receive(url, 1)[0]["Body"])
        self.assertEqual(event["id"], answer["Entries"][1]["EventId"])
        self.assertEqual(event["time"], "2026-11-24T18:43:48Z")
        self.assertEqual(event["detail"], {"n": 2})
        remove_rule("boto3-plain")

    def test_a_transformer_quotes(self):
        url, arn = create_queue("boto3-transformed")
        transformer = {"InputPathsMap": {"d": "$.detail"}, "InputTemplate": '"got <d> by <aws.events.rule-name>"'}
        put_rule("boto3-transformed", {"source": ["quoted"]}, Arn=arn, InputTransformer=transformer)
        events.put_events(Entries=[entry("quoted", {"a": "b"})])
        self.assertEqual(receive(url, 1)[0]["Body"], '"got {a:b} by boto3-transformed"')
        remove_rule("boto3-transformed")

    def test_describe_disable_enable_and_pages(self):
        for name in ["boto3-b", "boto3-a"]:
            events.put_rule(Name=name, EventBusName=BUS, EventPattern='{"source": ["x"]}', Description="mine")
        events.disable_rule(Name="boto3-a", EventBusName=BUS)
        rule = events.describe_rule(Name="boto3-a", EventBusName=BUS)
        self.assertEqual((rule["State"], rule["Description"]), ("DISABLED", "mine"))
        events.enable_rule(Name="boto3-a", EventBusName=BUS)
        self.assertEqual(events.describe_rule(Name="boto3-a", EventBusName=BUS)["State"], "ENABLED")
        first = events.list_rules(NamePrefix="boto3-", EventBusName=BUS, Limit=1)
        rest = events.list_rules(NamePrefix="boto3-", EventBusName=BUS, NextToken=first["NextToken"])
        self.assertEqual([rule["Name"] for rule in first["Rules"] + rest["Rules"]][:2], ["boto3-a", "boto3-b"])
        for name in ["boto3-b", "boto3-a"]:
            events.delete_rule(Name=name, EventBusName=BUS)

    def test_the_bus_is_found(self):
        self.assertIn(BUS, [bus["Name"] for bus in events.list_event_buses()["EventBuses"]])

    def test_errors_have_their_classes(self):
        with self.assertRaises(events.exceptions.InvalidEventPatternException) as raised:
            events.put_rule(Name="boto3-bad", EventBusName=BUS, EventPattern='{"source": "x"}')
        self.assertIn('"source" must be an object or an array', str(raised.exception))
        with self.assertRaises(events.exceptions.ResourceNotFoundException):
            events.describe_rule(Name="boto3-none", EventBusName=BUS)
        with self.assertRaises(ClientError) as raised:
            events.put_rule(Name="boto3-bad", ScheduleExpression="rate(1 minutes)")
        self.assertEqual(raised.exception.response["Error"]["Code"], "ValidationException")


class Events(unittest.TestCase):
    def test_partial_failure(self):
        bad = {"EventBusName": BUS, "Source": "boto3", "DetailType": "Done.v1", "Detail": "{"}
        answer = events.put_events(Entries=[entry("aws.s3", {}), bad, entry("boto3", {})])
        self.assertEqual(answer["FailedEntryCount"], 2)
        codes = [result.get("ErrorCode") for result in answer["Entries"]]
        self.assertEqual(codes, ["NotAuthorizedForSourceException", "MalformedDetail", None])

    def test_more_than_a_megabyte_is_refused(self):
        with self.assertRaises(ClientError) as raised:
            events.put_events(Entries=[entry("boto3", {"x": "x" * 1024**2})])
        self.assertEqual(raised.exception.response["Error"]["Code"], "ValidationException")

    def test_a_dead_letter_says_why(self):
        url, arn = create_queue("boto3-dead")
        none = "arn:aws:sqs:us-east-1:000000000000:boto3-none"
        put_rule("boto3-dead", {"source": ["dead"]}, Arn=none, DeadLetterConfig={"Arn": arn})
        events.put_events(Entries=[entry("dead", {"n": 1})])
        message = receive(url, 1)[0]
        attributes = {name: value["StringValue"] for name, value in message["MessageAttributes"].items()}
        self.assertEqual(attributes["ERROR_CODE"], "NO_RESOURCE")
        self.assertEqual(attributes["TARGET_ARN"], none)
        self.assertEqual(json.loads(message["Body"])["detail"], {"n": 1})
        remove_rule("boto3-dead")

    def test_a_pattern_is_tried(self):
        event = {"id": "1", "source": "s", "detail-type": "T", "detail": {"name": "Digits"}}
        for suffix, expected in [("ITS", True), ("x", False)]:
            pattern = {"detail": {"name": [{"suffix": {"equals-ignore-case": suffix}}]}}
            answer = events.test_event_pattern(EventPattern=json.dumps(pattern), Event=json.dumps(event))
            self.assertEqual(answer["Result"], expected)
