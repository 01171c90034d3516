"""boto3's clients of the embedded cloud, for every version: older ones know no AWS_ENDPOINT_URL."""
import os

import boto3
from botocore.config import Config


def client(service, access_key="anyone", secret_key="anything", **config):
    return boto3.client(
        service,
        endpoint_url=os.environ["ENDPOINT"],
        region_name="us-east-1",
        aws_access_key_id=access_key,
        aws_secret_access_key=secret_key,
        config=Config(retries={"max_attempts": 0}, **config),
    )
