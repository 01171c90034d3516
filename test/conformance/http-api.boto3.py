"""A route with the authorizer aws_iam, where signatures are strict, by botocore's own signer."""
import json
import os
import unittest
import urllib.error
import urllib.request

from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials

API = os.environ["API"]
KEY = os.environ["ACCESS_KEY"]
SECRET = os.environ["SECRET_KEY"]


def call(path, method="GET", body=None, secret=SECRET, key=KEY, sign=True, service="execute-api", send=None):
    """Signs for `path`, sends to `send` (the same unless it is tampered with): status and document."""
    request = AWSRequest(method=method, url=API + path, data=body, headers={"content-type": "text/plain"})
    if sign:
        SigV4Auth(Credentials(key, secret), service, "us-east-1").add_auth(request)
    data = body.encode() if body is not None else None
    url = API + (send or path)
    sent = urllib.request.Request(url, data=data, headers=dict(request.headers.items()), method=method)
    try:
        with urllib.request.urlopen(sent) as answer:
            return answer.status, json.load(answer)
    except urllib.error.HTTPError as error:
        return error.code, json.load(error)


FORBIDDEN = (403, {"message": "Forbidden"})


class Signed(unittest.TestCase):
    def test_get(self):
        status, event = call("/private/a%20b?x=1&y=%2B")
        self.assertEqual(status, 200)
        self.assertEqual(event["pathParameters"], {"thing": "a b"})
        self.assertEqual(event["requestContext"]["authorizer"]["iam"]["accessKey"], KEY)

    def test_body(self):
        status, event = call("/private/a", method="POST", body="gr\u00fc\u00dfe")
        self.assertEqual((status, event["body"]), (200, "gr\u00fc\u00dfe"))


class Refused(unittest.TestCase):
    def test_unsigned(self):
        self.assertEqual(call("/private/a", sign=False), FORBIDDEN)

    def test_wrong_secret(self):
        self.assertEqual(call("/private/a", secret="guess"), FORBIDDEN)

    def test_unknown_key(self):
        self.assertEqual(call("/private/a", key="AKIAUNKNOWN"), FORBIDDEN)

    def test_another_path(self):
        self.assertEqual(call("/private/a", send="/private/b"), FORBIDDEN)

    def test_another_service(self):
        self.assertEqual(call("/private/a", service="s3"), FORBIDDEN)


class Open(unittest.TestCase):
    def test_route_without_authorizer(self):
        self.assertEqual(call("/things/a", sign=False)[0], 200)
