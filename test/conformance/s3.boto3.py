"""What S3 promises, by boto3."""
import unittest

from botocore.exceptions import ClientError
from endpoint import client

BUCKET = "conformance-plain"
s3 = client("s3")


class Objects(unittest.TestCase):
    def test_put_get_delete(self):
        s3.put_object(Bucket=BUCKET, Key="a +%2F \U0001f600", Body=b"body")
        self.assertEqual(s3.get_object(Bucket=BUCKET, Key="a +%2F \U0001f600")["Body"].read(), b"body")
        s3.delete_object(Bucket=BUCKET, Key="a +%2F \U0001f600")
        with self.assertRaises(ClientError) as raised:
            s3.get_object(Bucket=BUCKET, Key="a +%2F \U0001f600")
        self.assertEqual(raised.exception.response["Error"]["Code"], "NoSuchKey")
