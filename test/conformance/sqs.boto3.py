"""What SQS promises, by boto3."""
import hashlib
import itertools
import threading
import time
import unittest
import uuid

from botocore.exceptions import ClientError
from endpoint import client

sqs = client("sqs")
NUMBERS = itertools.count(1)
# Two versions of boto3 run these cases against one cloud.
RUN = uuid.uuid4().hex[:8]


def new_queue(**attributes):
    return sqs.create_queue(QueueName=f"boto3-{RUN}-{next(NUMBERS)}", Attributes=attributes)["QueueUrl"]


def receive(url, **more):
    return sqs.receive_message(QueueUrl=url, **more).get("Messages", [])


class Case(unittest.TestCase):
    def assert_code(self, code, call, **arguments):
        with self.assertRaises(ClientError) as raised:
            call(**arguments)
        self.assertEqual(raised.exception.response["Error"]["Code"], code)
        return raised.exception.response


class Queues(Case):
    def test_create_find_change_list_delete(self):
        url = new_queue(VisibilityTimeout="5")
        name = url.split("/")[-1]
        self.assertEqual(sqs.get_queue_url(QueueName=name)["QueueUrl"], url)
        sqs.set_queue_attributes(QueueUrl=url, Attributes={"DelaySeconds": "1"})
        told = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["All"])["Attributes"]
        self.assertEqual((told["VisibilityTimeout"], told["DelaySeconds"]), ("5", "1"))
        self.assertEqual(told["QueueArn"], f"arn:aws:sqs:us-east-1:000000000000:{name}")
        pages = sqs.get_paginator("list_queues").paginate(QueueNamePrefix=name, PaginationConfig={"PageSize": 1})
        self.assertEqual([url for page in pages for url in page["QueueUrls"]], [url])
        sqs.delete_queue(QueueUrl=url)
        self.assert_code("AWS.SimpleQueueService.NonExistentQueue", sqs.get_queue_url, QueueName=name)

    def test_missing_queue_is_an_exception_of_its_own(self):
        with self.assertRaises(sqs.exceptions.QueueDoesNotExist):
            sqs.get_queue_url(QueueName="none")

    def test_same_name_other_attributes(self):
        url = new_queue(DelaySeconds="3")
        self.assert_code(
            "QueueAlreadyExists",
            sqs.create_queue,
            QueueName=url.split("/")[-1],
            Attributes={"DelaySeconds": "4"},
        )

    def test_fifo_is_refused(self):
        self.assert_code(
            "InvalidParameterValue", sqs.create_queue, QueueName="q.fifo", Attributes={"FifoQueue": "true"}
        )


class Messages(Case):
    def test_round_trip_with_attributes_and_checksums(self):
        url = new_queue()
        attributes = {
            "City": {"DataType": "String", "StringValue": "Zürich"},
            "Size": {"DataType": "Number", "StringValue": "3"},
            "Blob": {"DataType": "Binary", "BinaryValue": b"\x00\x80\xff"},
        }
        body = 'line\r\n\t"<&>" ü \U0001f600'
        sent = sqs.send_message(QueueUrl=url, MessageBody=body, MessageAttributes=attributes)
        self.assertEqual(sent["MD5OfMessageBody"], hashlib.md5(body.encode()).hexdigest())
        [message] = receive(url, AttributeNames=["All"], MessageAttributeNames=["All"])
        self.assertEqual(message["Body"], body)
        self.assertEqual(message["MessageAttributes"], attributes)
        self.assertEqual(message["MD5OfMessageAttributes"], sent["MD5OfMessageAttributes"])
        self.assertEqual(message["Attributes"]["ApproximateReceiveCount"], "1")

    def test_visibility(self):
        url = new_queue(VisibilityTimeout="1")
        sqs.send_message(QueueUrl=url, MessageBody="m")
        [first] = receive(url)
        self.assertEqual(receive(url), [])
        [second] = receive(url, WaitTimeSeconds=5, AttributeNames=["ApproximateReceiveCount"])
        self.assertEqual(second["Attributes"], {"ApproximateReceiveCount": "2"})
        sqs.change_message_visibility(QueueUrl=url, ReceiptHandle=second["ReceiptHandle"], VisibilityTimeout=0)
        [third] = receive(url)
        self.assertEqual(third["MessageId"], first["MessageId"])
        sqs.delete_message(QueueUrl=url, ReceiptHandle=third["ReceiptHandle"])
        time.sleep(1.1)
        self.assertEqual(receive(url), [])

    def test_long_poll_wakes(self):
        url = new_queue()
        threading.Timer(0.3, lambda: client("sqs").send_message(QueueUrl=url, MessageBody="m")).start()
        began = time.monotonic()
        self.assertEqual(len(receive(url, WaitTimeSeconds=20)), 1)
        self.assertLess(time.monotonic() - began, 10)

    def test_delay(self):
        url = new_queue()
        sqs.send_message(QueueUrl=url, MessageBody="m", DelaySeconds=1)
        self.assertEqual(receive(url), [])
        self.assertEqual(len(receive(url, WaitTimeSeconds=10)), 1)

    def test_batches_fail_by_entry(self):
        url = new_queue()
        entries = [{"Id": str(n), "MessageBody": body} for n, body in enumerate(["A", "\x01", "C"])]
        sent = sqs.send_message_batch(QueueUrl=url, Entries=entries)
        self.assertEqual([entry["Id"] for entry in sent["Successful"]], ["0", "2"])
        [failed] = sent["Failed"]
        self.assertEqual((failed["Code"], failed["SenderFault"]), ("InvalidMessageContents", True))
        handles = [message["ReceiptHandle"] for message in receive(url, MaxNumberOfMessages=10)]
        entries = [{"Id": str(n), "ReceiptHandle": handle} for n, handle in enumerate([*handles, "garbage"])]
        hidden = sqs.change_message_visibility_batch(
            QueueUrl=url, Entries=[{**entry, "VisibilityTimeout": 60} for entry in entries]
        )
        gone = sqs.delete_message_batch(QueueUrl=url, Entries=entries)
        for outcome in (hidden, gone):
            self.assertEqual([entry["Id"] for entry in outcome["Successful"]], ["0", "1"])
            self.assertEqual([entry["Code"] for entry in outcome["Failed"]], ["ReceiptHandleIsInvalid"])

    def test_dead_letters(self):
        dead = new_queue()
        arn = sqs.get_queue_attributes(QueueUrl=dead, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
        policy = f'{{"deadLetterTargetArn":"{arn}","maxReceiveCount":"1"}}'
        url = new_queue(VisibilityTimeout="0", RedrivePolicy=policy)
        sqs.send_message(QueueUrl=url, MessageBody="poison")
        self.assertEqual(len(receive(url)), 1)
        self.assertEqual(receive(url), [])
        [message] = receive(dead, AttributeNames=["All"])
        self.assertEqual(message["Attributes"]["ApproximateReceiveCount"], "2")
        self.assertTrue(message["Attributes"]["DeadLetterQueueSourceArn"].endswith(url.split("/")[-1]))

    def test_purge(self):
        url = new_queue()
        for n in range(3):
            sqs.send_message(QueueUrl=url, MessageBody=str(n))
        receive(url)
        sqs.purge_queue(QueueUrl=url)
        told = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["All"])["Attributes"]
        self.assertEqual(told["ApproximateNumberOfMessages"], "0")
        self.assertEqual(told["ApproximateNumberOfMessagesNotVisible"], "0")


class Errors(Case):
    def test_codes_are_those_of_the_query_protocol(self):
        url = new_queue()
        entries = [{"Id": str(n), "MessageBody": "x"} for n in range(11)]
        for code, call, arguments in [
            ("AWS.SimpleQueueService.TooManyEntriesInBatchRequest", sqs.send_message_batch, {"Entries": entries}),
            ("AWS.SimpleQueueService.BatchEntryIdsNotDistinct", sqs.send_message_batch, {"Entries": entries[:1] * 2}),
            (
                "AWS.SimpleQueueService.InvalidBatchEntryId",
                sqs.send_message_batch,
                {"Entries": [{"Id": "a b", "MessageBody": "x"}]},
            ),
            ("AWS.SimpleQueueService.EmptyBatchRequest", sqs.send_message_batch, {"Entries": []}),
            ("MissingParameter", sqs.send_message, {"MessageBody": ""}),
            ("InvalidMessageContents", sqs.send_message, {"MessageBody": "\x01"}),
            ("InvalidParameterValue", sqs.send_message, {"MessageBody": "x", "DelaySeconds": 901}),
            ("InvalidParameterValue", sqs.send_message, {"MessageBody": "x" * 1_048_577}),
            ("InvalidAttributeName", sqs.get_queue_attributes, {"AttributeNames": ["Colour"]}),
        ]:
            with self.subTest(code):
                response = self.assert_code(code, call, QueueUrl=url, **arguments)
                self.assertEqual(response["ResponseMetadata"]["HTTPStatusCode"], 400)

    def test_a_bad_receipt_is_404(self):
        response = self.assert_code(
            "ReceiptHandleIsInvalid", sqs.delete_message, QueueUrl=new_queue(), ReceiptHandle="garbage"
        )
        self.assertEqual(response["ResponseMetadata"]["HTTPStatusCode"], 404)
