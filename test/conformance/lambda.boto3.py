"""What Lambda promises, by boto3."""
import base64
import json
import unittest

from botocore.exceptions import ClientError
from endpoint import client

awslambda = client("lambda")


class Invoke(unittest.TestCase):
    def test_answer_and_log(self):
        answer = awslambda.invoke(FunctionName="echo", Payload=b'{"word": "hi"}', LogType="Tail")
        self.assertEqual(answer["StatusCode"], 200)
        self.assertNotIn("FunctionError", answer)
        self.assertEqual(json.load(answer["Payload"])["event"], {"word": "hi"})
        self.assertIn('seen {"word":"hi"}', base64.b64decode(answer["LogResult"]).decode())

    def test_function_error(self):
        answer = awslambda.invoke(FunctionName="spin")
        self.assertEqual(answer["FunctionError"], "Unhandled")
        document = json.load(answer["Payload"])
        self.assertEqual(document["errorType"], "Sandbox.Timedout")
        self.assertRegex(document["errorMessage"], "Task timed out after 1.00 seconds$")

    def test_event_and_dry_run(self):
        for kind, status in (("Event", 202), ("DryRun", 204)):
            answer = awslambda.invoke(FunctionName="echo", InvocationType=kind)
            self.assertEqual(answer["StatusCode"], status)

    def test_errors(self):
        for arguments, code in (
            ({"FunctionName": "none"}, "ResourceNotFoundException"),
            ({"FunctionName": "echo", "Qualifier": "live"}, "ResourceNotFoundException"),
            ({"FunctionName": "echo", "Payload": b"{torn"}, "InvalidRequestContentException"),
            ({"FunctionName": "echo", "InvocationType": "Event", "Payload": b'"' + b"x" * 1048576 + b'"'},
             "RequestTooLargeException"),
        ):
            with self.assertRaises(ClientError) as raised:
                awslambda.invoke(**arguments)
            self.assertEqual(raised.exception.response["Error"]["Code"], code)


class List(unittest.TestCase):
    def test_pages(self):
        pages = awslambda.get_paginator("list_functions").paginate()
        functions = {each["FunctionName"]: each for page in pages for each in page["Functions"]}
        self.assertEqual(sorted(functions), ["echo", "exit", "fail", "say", "spin"])
        self.assertEqual(functions["spin"]["Timeout"], 1)
