"""One exact version of an S3 object as a stream of bytes, however long it takes to read."""
import io
import os
import time

_RANGE = 16 * 1024 * 1024
_PAUSES = (0.25, 0.5, 1, 2, 4, 8)
"""Seconds before a range is asked for again."""


class S3Object:
    """It is asked for range by range, each taken whole: rows are read far slower than S3 sends them, and a connection that
    has to wait for hours breaks. A range that breaks is asked for again; what S3 refuses is raised as it is."""

    def __init__(self, part, client=None, pause=time.sleep):
        self._client = client or _client()
        self._pause = pause
        self._wanted = {"Bucket": part["bucket"], "Key": part["key"]}
        if part.get("versionId") not in (None, "", "null"):
            self._wanted["VersionId"] = part["versionId"]
        self._at = 0
        self._size = None
        self._range = io.BytesIO()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self._range.close()

    def read(self, size):
        """At most so many bytes; none at the end."""
        piece = self._range.read(size)
        if piece or self._at == self._size:
            return piece
        content = self._next()
        self._at += len(content)
        self._range = io.BytesIO(content)
        return self._range.read(size)

    def _next(self):
        from botocore.exceptions import BotoCoreError
        from urllib3.exceptions import HTTPError

        for seconds in (*_PAUSES, None):
            body = self._asked()
            try:
                return body.read() if body else b""
            except (BotoCoreError, HTTPError, OSError):
                if seconds is None:
                    raise
                self._pause(seconds)

    def _asked(self):
        """The body of the next range; None of an object without bytes, which has no range."""
        from botocore.exceptions import ClientError

        try:
            answer = self._client.get_object(**self._wanted, Range=f"bytes={self._at}-{self._at + _RANGE - 1}")
        except ClientError as error:
            if error.response["Error"]["Code"] != "InvalidRange" or self._at > 0:
                raise
            self._size = 0
            return None
        self._size = int(answer["ContentRange"].rpartition("/")[2])
        # Where there are no versions, the ranges are of one object all the same.
        self._wanted.setdefault("IfMatch", answer["ETag"])
        return answer["Body"]


def _client():
    import boto3
    from botocore.config import Config

    # Executors of the Spark image are told the region by this name alone.
    region = os.environ.get("AWS_REGION") or os.environ.get("AWS_DEFAULT_REGION")
    return boto3.client("s3", region_name=region, config=Config(retries={"mode": "standard", "max_attempts": 10}))
