"""What DynamoDB promises, by boto3."""
import concurrent.futures
import decimal
import os
import unittest
import uuid

import boto3
from boto3.dynamodb.conditions import Attr, Key
from botocore.exceptions import ClientError
from endpoint import client

TABLE = "states"
dynamodb = client("dynamodb")
table = boto3.resource(
    "dynamodb",
    endpoint_url=os.environ["ENDPOINT"],
    region_name="us-east-1",
    aws_access_key_id="anyone",
    aws_secret_access_key="anything",
).Table(TABLE)


def new_key(sk="state"):
    # Two versions of boto3 run these cases against one table.
    return {"pk": f"boto3#{uuid.uuid4().hex}", "sk": sk}


class Case(unittest.TestCase):
    def assert_code(self, code, call, **arguments):
        with self.assertRaises(ClientError) as raised:
            call(**arguments)
        self.assertEqual(raised.exception.response["Error"]["Code"], code)


class Items(Case):
    def test_values_of_every_type(self):
        item = {
            **new_key(),
            "number": decimal.Decimal("-1.2345678901234567890123456789012345678"),
            "large": decimal.Decimal("12345678901234567890123456789012345678"),
            "bytes": b"\x00\xff",
            "map": {"yes": True, "none": None, "list": ["", decimal.Decimal(1)]},
            "texts": {"a", "b"},
        }
        table.put_item(Item=item)
        found = table.get_item(Key={"pk": item["pk"], "sk": item["sk"]}, ConsistentRead=True)["Item"]
        self.assertEqual({**found, "bytes": bytes(found["bytes"])}, item)

    def test_a_missing_item_is_none(self):
        self.assertNotIn("Item", table.get_item(Key=new_key()))

    def test_one_of_ten_racing_writers_wins(self):
        item = new_key()

        def write(n):
            try:
                dynamodb.put_item(
                    TableName=TABLE,
                    Item={"pk": {"S": item["pk"]}, "sk": {"S": item["sk"]}, "n": {"N": str(n)}},
                    ConditionExpression="attribute_not_exists(pk)",
                )
                return "won"
            except dynamodb.exceptions.ConditionalCheckFailedException:
                return "lost"

        with concurrent.futures.ThreadPoolExecutor(10) as pool:
            self.assertEqual(sorted(pool.map(write, range(10))), ["lost"] * 9 + ["won"])

    def test_conditional_update(self):
        key = new_key()
        table.put_item(Item={**key, "version": 1})
        arguments = {
            "Key": key,
            "UpdateExpression": "SET version = version + :one",
            "ConditionExpression": Attr("version").eq(1),
            "ExpressionAttributeValues": {":one": 1},
            "ReturnValues": "UPDATED_NEW",
        }
        self.assertEqual(table.update_item(**arguments)["Attributes"], {"version": 2})
        self.assert_code("ConditionalCheckFailedException", table.update_item, **arguments)


class Reading(Case):
    def test_query_by_key_and_index_and_scan(self):
        pk = new_key()["pk"]
        for n in range(5):
            table.put_item(Item={"pk": pk, "sk": f"run#{n}", "owner": pk, "nextActionAt": 10 - n})
        found = table.query(KeyConditionExpression=Key("pk").eq(pk) & Key("sk").begins_with("run#"))["Items"]
        self.assertEqual([item["sk"] for item in found], [f"run#{n}" for n in range(5)])
        due = table.query(
            IndexName="due",
            KeyConditionExpression=Key("owner").eq(pk) & Key("nextActionAt").lte(8),
        )["Items"]
        self.assertEqual([item["nextActionAt"] for item in due], [6, 7, 8])
        pages = dynamodb.get_paginator("scan").paginate(TableName=TABLE, PaginationConfig={"PageSize": 2})
        scanned = [item for page in pages for item in page["Items"] if item["pk"]["S"] == pk]
        self.assertEqual(len(scanned), 5)

    def test_describe(self):
        self.assertEqual(table.table_status, "ACTIVE")
        self.assertEqual([key["AttributeName"] for key in table.key_schema], ["pk", "sk"])


class Refusals(Case):
    def test_what_nobody_calls(self):
        self.assert_code("UnknownOperationException", dynamodb.delete_table, TableName=TABLE)
        self.assert_code(
            "UnknownOperationException",
            dynamodb.batch_write_item,
            RequestItems={TABLE: [{"DeleteRequest": {"Key": {"pk": {"S": "a"}, "sk": {"S": "b"}}}}]},
        )

    def test_bad_items(self):
        key = {"pk": {"S": "a"}, "sk": {"S": "b"}}
        for item in [{"pk": {"S": "a"}}, {**key, "n": {"N": "1" * 39}}, {**key, "s": {"S": "x" * 409_600}}]:
            self.assert_code("ValidationException", dynamodb.put_item, TableName=TABLE, Item=item)
