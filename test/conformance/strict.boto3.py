"""Signatures that must be right, by boto3: every service takes its requests, and none takes another secret's."""
import os
import time
import unittest
import urllib.error
import urllib.request

from botocore.exceptions import ClientError

from endpoint import client

KEY, SECRET = os.environ["ACCESS_KEY"], os.environ["SECRET_KEY"]
CALLS = {
    "dynamodb": lambda c: c.list_tables(),
    "ecr": lambda c: c.describe_images(repositoryName="ratchet-dev-digits"),
    "events": lambda c: c.list_rules(),
    "lambda": lambda c: c.list_functions(),
    "s3": lambda c: c.list_buckets(),
    "sagemaker": lambda c: c.list_models(),
    "sqs": lambda c: c.list_queues(),
    "sts": lambda c: c.get_caller_identity(),
}
REFUSED = {
    "InvalidSignatureException",
    "SignatureDoesNotMatch",
}


def fetch(url):
    try:
        with urllib.request.urlopen(url) as answer:
            return answer.status, answer.read().decode()
    except urllib.error.HTTPError as error:
        return error.code, error.read().decode()


class Strict(unittest.TestCase):
    def test_right_signatures_are_taken_by_every_service(self):
        for service, call in CALLS.items():
            with self.subTest(service):
                call(client(service, KEY, SECRET))

    def test_another_secret_is_refused_by_every_service(self):
        for service, call in CALLS.items():
            with self.subTest(service):
                with self.assertRaises(ClientError) as caught:
                    call(client(service, KEY, "guess"))
                self.assertIn(caught.exception.response["Error"]["Code"], REFUSED)

    def test_an_unknown_key_is_refused(self):
        with self.assertRaises(ClientError) as caught:
            client("s3", "AKIDNOBODY", SECRET).list_buckets()
        self.assertEqual(caught.exception.response["Error"]["Code"], "InvalidAccessKeyId")
        with self.assertRaises(ClientError) as caught:
            client("sagemaker", "AKIDNOBODY", SECRET).list_models()
        self.assertEqual(caught.exception.response["Error"]["Code"], "UnrecognizedClientException")

    def test_a_presigned_url_is_good_as_it_is_and_refused_when_tampered_with(self):
        s3 = client("s3", KEY, SECRET, signature_version="s3v4", s3={"addressing_style": "path"})
        bucket, key = os.environ["BUCKET"], "build/a b+c ü.txt"
        s3.put_object(Bucket=bucket, Key=key, Body=b"text")
        url = s3.generate_presigned_url("get_object", {"Bucket": bucket, "Key": key}, ExpiresIn=60)
        self.assertEqual(fetch(url), (200, "text"))
        for tampered in [url.replace("a%20b", "other"), url + "&versionId=1", url.replace("Expires=60", "Expires=61")]:
            status, body = fetch(tampered)
            self.assertEqual(status, 403)
            self.assertIn("SignatureDoesNotMatch", body)

    def test_a_presigned_url_that_has_expired_is_refused(self):
        s3 = client("s3", KEY, SECRET, signature_version="s3v4", s3={"addressing_style": "path"})
        url = s3.generate_presigned_url("get_object", {"Bucket": os.environ["BUCKET"], "Key": "k"}, ExpiresIn=1)
        time.sleep(2.1)
        status, body = fetch(url)
        self.assertEqual(status, 403)
        self.assertIn("Request has expired", body)


if __name__ == "__main__":
    unittest.main()
