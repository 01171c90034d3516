"""S3 as boto3 sees it. Older versions know no IfNoneMatch and no checksums: those send the headers themselves."""
import base64
import concurrent.futures
import hashlib
import io
import os
import time
import unittest
import urllib.error
import urllib.request
import zlib

import boto3
from botocore.exceptions import ClientError
from boto3.s3.transfer import TransferConfig
from endpoint import client

PLAIN = os.environ["PLAIN"]
VERSIONED = os.environ["VERSIONED"]
ROOT = f"boto3-{boto3.__version__}/"
MIB = 1024 * 1024
s3 = client("s3", max_pool_connections=20)


def put(key, body, bucket=PLAIN, headers=None, **more):
    """Sends `headers` besides what this version's parameters can say."""
    own = client("s3")
    if headers:
        own.meta.events.register("before-call.s3.PutObject", lambda params, **_: params["headers"].update(headers))
    return own.put_object(Bucket=bucket, Key=key, Body=body, **more)


def get(key, bucket=PLAIN, **more):
    return s3.get_object(Bucket=bucket, Key=key, **more)["Body"].read()


def outcome(call, *args, **more):
    try:
        call(*args, **more)
        return "fine"
    except ClientError as error:
        return error.response["Error"]["Code"]


def base64_of(data):
    return base64.b64encode(data).decode()


def status_of(url, data=None):
    request = urllib.request.Request(url, data=data, method="GET" if data is None else "PUT")
    try:
        with urllib.request.urlopen(request) as answer:
            return answer.status, answer.read()
    except urllib.error.HTTPError as error:
        return error.code, error.read()


class LargeObjects(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.body = os.urandom(MIB) * 100
        s3.upload_fileobj(io.BytesIO(cls.body), PLAIN, ROOT + "large")

    def test_100_mb_go_up_and_down_in_parts(self):
        back = io.BytesIO()
        s3.download_fileobj(PLAIN, ROOT + "large", back)
        self.assertEqual(back.getvalue(), self.body)
        self.assertRegex(s3.head_object(Bucket=PLAIN, Key=ROOT + "large")["ETag"], r"-13\"$")

    def test_ranges(self):
        self.assertEqual(get(ROOT + "large", Range="bytes=8388600-8388620"), self.body[8388600:8388621])
        self.assertEqual(get(ROOT + "large", Range="bytes=-3"), self.body[-3:])
        self.assertEqual(outcome(get, ROOT + "large", Range="bytes=104857600-"), "InvalidRange")

    def test_copy_by_parts(self):
        config = TransferConfig(multipart_threshold=8 * MIB, multipart_chunksize=40 * MIB)
        s3.copy({"Bucket": PLAIN, "Key": ROOT + "large"}, PLAIN, ROOT + "copy", Config=config)
        self.assertRegex(s3.head_object(Bucket=PLAIN, Key=ROOT + "copy")["ETag"], r"-3\"$")
        self.assertEqual(hashlib.sha256(get(ROOT + "copy")).digest(), hashlib.sha256(self.body).digest())


class Checksums(unittest.TestCase):
    def test_right_ones_are_taken(self):
        crc32 = base64_of(zlib.crc32(b"body").to_bytes(4, "big"))
        put(ROOT + "sum", b"body", headers={"x-amz-checksum-crc32": crc32})
        put(ROOT + "sum", b"body", headers={"content-md5": base64_of(hashlib.md5(b"body").digest())})

    def test_wrong_ones_are_refused(self):
        sizes = {"crc32": 4, "crc32c": 4, "crc64nvme": 8, "sha1": 20, "sha256": 32}
        wrong = {f"x-amz-checksum-{name}": base64_of(b"\7" * size) for name, size in sizes.items()}
        wrong["content-md5"] = base64_of(hashlib.md5(b"other").digest())
        for name, value in wrong.items():
            with self.subTest(name):
                config = {"request_checksum_calculation": "when_required"}
                try:
                    own = client("s3", **config)
                except TypeError:
                    own = client("s3")
                own.meta.events.register(
                    "before-call.s3.PutObject", lambda params, **_: params["headers"].update({name: value})
                )
                self.assertEqual(outcome(own.put_object, Bucket=PLAIN, Key=ROOT + "bad", Body=b"body"), "BadDigest")
        self.assertEqual(outcome(get, ROOT + "bad"), "NoSuchKey")

    def test_a_trailer_that_is_not_of_the_body_is_refused(self):
        framed = b"4\r\nbody\r\n0\r\nx-amz-checksum-crc32:AAAAAA==\r\n\r\n"
        headers = {
            "content-encoding": "aws-chunked",
            "x-amz-content-sha256": "STREAMING-UNSIGNED-PAYLOAD-TRAILER",
            "x-amz-decoded-content-length": "4",
            "x-amz-trailer": "x-amz-checksum-crc32",
        }
        url = f"{os.environ['ENDPOINT']}/{PLAIN}/{ROOT}bad"
        request = urllib.request.Request(url, data=framed, method="PUT", headers=headers)
        with self.assertRaises(urllib.error.HTTPError) as raised:
            urllib.request.urlopen(request)
        self.assertIn(b"<Code>BadDigest</Code>", raised.exception.read())


class Conditions(unittest.TestCase):
    def race(self, key, headers):
        with concurrent.futures.ThreadPoolExecutor(20) as pool:
            racers = [pool.submit(outcome, put, key, str(i).encode(), headers=headers) for i in range(20)]
            outcomes = [racer.result() for racer in racers]
        self.assertEqual(sorted(outcomes), ["PreconditionFailed"] * 19 + ["fine"])
        self.assertEqual(get(key), str(outcomes.index("fine")).encode())

    def test_one_of_20_creates_with_if_none_match(self):
        self.race(ROOT + "race/new", {"If-None-Match": "*"})

    def test_one_of_20_replaces_with_if_match(self):
        etag = s3.put_object(Bucket=PLAIN, Key=ROOT + "race/old", Body=b"before")["ETag"]
        self.race(ROOT + "race/old", {"If-Match": etag})


class Keys(unittest.TestCase):
    def test_come_back_as_they_went_in(self):
        keys = [ROOT + "keys/" + name for name in ("+ %2F", "\U0001f600", "../..", "a//b")]
        keys.append((ROOT + "keys/").ljust(1024 - 2 * 400, "x") + "é" * 400)
        self.assertEqual(len(keys[-1].encode()), 1024)
        for key in keys:
            s3.put_object(Bucket=PLAIN, Key=key, Body=key.encode())
        listed = s3.list_objects_v2(Bucket=PLAIN, Prefix=ROOT + "keys/")["Contents"]
        self.assertEqual([entry["Key"] for entry in listed], sorted(keys, key=str.encode))
        for key in keys:
            self.assertEqual(get(key), key.encode())
            s3.copy_object(Bucket=PLAIN, Key=ROOT + "key-copy", CopySource={"Bucket": PLAIN, "Key": key})
            self.assertEqual(get(ROOT + "key-copy"), key.encode())
        s3.delete_objects(Bucket=PLAIN, Delete={"Objects": [{"Key": key} for key in keys]})
        self.assertEqual(s3.list_objects_v2(Bucket=PLAIN, Prefix=ROOT + "keys/")["KeyCount"], 0)


class Listings(unittest.TestCase):
    def test_pages_and_delimiter(self):
        keys = [ROOT + f"list/{'abc'[i % 3]}/{i:02}" for i in range(20)]
        for key in keys:
            s3.put_object(Bucket=PLAIN, Key=key, Body=b"x")
        paginator = s3.get_paginator("list_objects_v2")
        pages = list(paginator.paginate(Bucket=PLAIN, Prefix=ROOT + "list/", PaginationConfig={"PageSize": 7}))
        self.assertEqual([entry["Key"] for page in pages for entry in page["Contents"]], sorted(keys))
        self.assertEqual([page["KeyCount"] for page in pages], [7, 7, 6])
        rolled = s3.list_objects_v2(Bucket=PLAIN, Prefix=ROOT + "list/", Delimiter="/")
        prefixes = [entry["Prefix"] for entry in rolled["CommonPrefixes"]]
        self.assertEqual(prefixes, [f"{ROOT}list/{letter}/" for letter in "abc"])
        # The older listing: what boto3's resources use.
        pages = list(s3.get_paginator("list_objects").paginate(Bucket=PLAIN, Prefix=ROOT + "list/", MaxKeys=7))
        self.assertEqual([entry["Key"] for page in pages for entry in page["Contents"]], sorted(keys))
        rolled = s3.get_paginator("list_objects").paginate(
            Bucket=PLAIN, Prefix=ROOT + "list/", Delimiter="/", MaxKeys=1
        )
        prefixes = [entry["Prefix"] for page in rolled for entry in page.get("CommonPrefixes", [])]
        self.assertEqual(prefixes, [f"{ROOT}list/{letter}/" for letter in "abc"])


class Buckets(unittest.TestCase):
    def test_are_made_and_removed_once_they_are_empty(self):
        name = "made-by-boto3-" + boto3.__version__.replace(".", "-")
        s3.create_bucket(Bucket=name)
        s3.put_object(Bucket=name, Key="k", Body=b"x")
        s3.create_multipart_upload(Bucket=name, Key="unfinished")
        self.assertEqual(outcome(s3.delete_bucket, Bucket=name), "BucketNotEmpty")
        s3.delete_object(Bucket=name, Key="k")
        s3.delete_bucket(Bucket=name)
        self.assertEqual(outcome(s3.list_objects, Bucket=name), "NoSuchBucket")


class Versions(unittest.TestCase):
    def test_are_kept_marked_and_removed(self):
        versions = [put(ROOT + "v", body, bucket=VERSIONED)["VersionId"] for body in (b"one", b"two")]
        marker = s3.delete_object(Bucket=VERSIONED, Key=ROOT + "v")["VersionId"]
        self.assertEqual(outcome(get, ROOT + "v", VERSIONED), "NoSuchKey")
        self.assertEqual(get(ROOT + "v", VERSIONED, VersionId=versions[0]), b"one")
        paginator = s3.get_paginator("list_object_versions")
        pages = list(paginator.paginate(Bucket=VERSIONED, Prefix=ROOT + "v", PaginationConfig={"PageSize": 1}))
        self.assertEqual([m["VersionId"] for page in pages for m in page.get("DeleteMarkers", [])], [marker])
        listed = [v["VersionId"] for page in pages for v in page.get("Versions", [])]
        self.assertEqual(listed, versions[::-1])
        s3.delete_object(Bucket=VERSIONED, Key=ROOT + "v", VersionId=marker)
        self.assertEqual(get(ROOT + "v", VERSIONED), b"two")


class PresignedUrls(unittest.TestCase):
    def setUp(self):
        s3.put_object(Bucket=PLAIN, Key=ROOT + "shared +", Body=b"for you")
        self.key = {"Bucket": PLAIN, "Key": ROOT + "shared +"}

    def presign(self, operation="get_object", seconds=60, **more):
        own = client("s3", signature_version="s3v4", **more)
        return own.generate_presigned_url(operation, Params=self.key, ExpiresIn=seconds)

    def test_read_and_write(self):
        self.assertEqual(status_of(self.presign()), (200, b"for you"))
        self.assertEqual(status_of(self.presign("put_object"), b"from you")[0], 200)
        self.assertEqual(get(ROOT + "shared +"), b"from you")

    def test_are_refused_when_expired(self):
        url = self.presign(seconds=1)
        time.sleep(2.1)
        status, body = status_of(url)
        self.assertEqual(status, 403)
        self.assertIn(b"<Code>AccessDenied</Code><Message>Request has expired</Message>", body)
