"""What SageMaker promises, by boto3: a model is trained, deployed, asked, changed and deleted."""
import datetime
import os
import unittest

import boto3
from botocore.exceptions import ClientError, WaiterError
from endpoint import client

BUCKET = os.environ["BUCKET"]
IMAGE = os.environ["IMAGE"]
ROLE = os.environ["ROLE"]
# Each version of boto3 works on resources of its own in the same cloud.
RUN = "py-" + boto3.__version__.replace(".", "-")
QUICKLY = {"Delay": 1, "MaxAttempts": 120}

sagemaker = client("sagemaker")
# Sends what boto3 itself would refuse.
careless = client("sagemaker", parameter_validation=False)
runtime = client("sagemaker-runtime")
s3 = client("s3")


def training(name, by=sagemaker, **more):
    request = dict(
        TrainingJobName=name,
        RoleArn=ROLE,
        AlgorithmSpecification={"TrainingImage": IMAGE, "TrainingInputMode": "File"},
        HyperParameters={"num_round": "50", "eta": "0.5"},
        InputDataConfig=[
            {
                "ChannelName": "train",
                "ContentType": "text/csv",
                "DataSource": {
                    "S3DataSource": {"S3DataType": "S3Prefix", "S3Uri": f"s3://{BUCKET}/train/"}
                },
            }
        ],
        OutputDataConfig={"S3OutputPath": f"s3://{BUCKET}/models"},
        ResourceConfig={"InstanceType": "ml.m5.large", "InstanceCount": 1, "VolumeSizeInGB": 1},
        StoppingCondition={"MaxRuntimeInSeconds": 300},
        Tags=[{"Key": "team", "Value": "line"}],
    )
    request.update(more)
    return by.create_training_job(**request)


def variant(name, model, weight):
    return {
        "VariantName": name,
        "ModelName": model,
        "InstanceType": "ml.m5.large",
        "InitialInstanceCount": 1,
        "InitialVariantWeight": weight,
    }


def ask(endpoint, **more):
    answer = runtime.invoke_endpoint(EndpointName=endpoint, ContentType="text/csv", Body=b"20", **more)
    return float(answer["Body"].read()), answer["InvokedProductionVariant"]


class SageMaker(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        """One trained model for all cases."""
        cls.job = f"{RUN}-line"
        training(cls.job)
        sagemaker.get_waiter("training_job_completed_or_stopped").wait(
            TrainingJobName=cls.job, WaiterConfig=QUICKLY
        )
        cls.described = sagemaker.describe_training_job(TrainingJobName=cls.job)
        artifact = cls.described["ModelArtifacts"]["S3ModelArtifacts"]
        cls.model = f"{RUN}-model"
        sagemaker.create_model(
            ModelName=cls.model,
            ExecutionRoleArn=ROLE,
            PrimaryContainer={"Image": IMAGE, "ModelDataUrl": artifact},
        )
        for config, variants in {
            f"{RUN}-one": [variant("a", cls.model, 1)],
            f"{RUN}-two": [variant("a", cls.model, 1), variant("b", cls.model, 0)],
        }.items():
            sagemaker.create_endpoint_config(EndpointConfigName=config, ProductionVariants=variants)

    def deploy(self, endpoint, config):
        sagemaker.create_endpoint(EndpointName=endpoint, EndpointConfigName=config)
        self.in_service(endpoint)

    def in_service(self, endpoint):
        sagemaker.get_waiter("endpoint_in_service").wait(EndpointName=endpoint, WaiterConfig=QUICKLY)

    def assert_refused(self, code, message, call, **arguments):
        with self.assertRaises(ClientError) as raised:
            call(**arguments)
        error = raised.exception.response["Error"]
        self.assertEqual(error["Code"], code)
        self.assertRegex(error["Message"], message)

    def test_a_training_job_tells_its_story(self):
        job = self.described
        self.assertEqual(job["TrainingJobStatus"], "Completed")
        self.assertEqual(
            [each["Status"] for each in job["SecondaryStatusTransitions"]][-4:],
            ["Downloading", "Training", "Uploading", "Completed"],
        )
        self.assertIsInstance(job["TrainingEndTime"], datetime.datetime)
        self.assertGreater(job["BillableTimeInSeconds"], 0)
        arn = job["TrainingJobArn"]
        self.assertEqual(sagemaker.list_tags(ResourceArn=arn)["Tags"], [{"Key": "team", "Value": "line"}])
        sagemaker.add_tags(ResourceArn=arn, Tags=[{"Key": "more", "Value": "1"}])
        sagemaker.delete_tags(ResourceArn=arn, TagKeys=["team"])
        self.assertEqual(sagemaker.list_tags(ResourceArn=arn)["Tags"], [{"Key": "more", "Value": "1"}])

    def test_an_endpoint_serves_changes_and_goes(self):
        endpoint = f"{RUN}-endpoint"
        self.deploy(endpoint, f"{RUN}-one")
        value, by = ask(endpoint)
        self.assertAlmostEqual(value, 40, delta=3)
        self.assertEqual(by, "a")
        sagemaker.update_endpoint(EndpointName=endpoint, EndpointConfigName=f"{RUN}-two")
        self.assertEqual(ask(endpoint)[1], "a")
        self.in_service(endpoint)
        self.assertEqual(ask(endpoint, TargetVariant="b")[1], "b")
        sagemaker.update_endpoint_weights_and_capacities(
            EndpointName=endpoint,
            DesiredWeightsAndCapacities=[
                {"VariantName": "a", "DesiredWeight": 0},
                {"VariantName": "b", "DesiredWeight": 1},
            ],
        )
        self.in_service(endpoint)
        described = sagemaker.describe_endpoint(EndpointName=endpoint)
        self.assertEqual(described["EndpointConfigName"], f"{RUN}-two")
        self.assertEqual([each["CurrentWeight"] for each in described["ProductionVariants"]], [0, 1])
        self.assertEqual({ask(endpoint)[1] for _ in range(10)}, {"b"})
        sagemaker.delete_endpoint(EndpointName=endpoint)
        sagemaker.get_waiter("endpoint_deleted").wait(EndpointName=endpoint, WaiterConfig=QUICKLY)

    def test_a_bad_answer_of_the_model(self):
        endpoint = f"{RUN}-asked"
        self.deploy(endpoint, f"{RUN}-one")
        with self.assertRaises(runtime.exceptions.ModelError) as raised:
            runtime.invoke_endpoint(EndpointName=endpoint, ContentType="text/csv", Body=b"not,a,row")
        response = raised.exception.response
        self.assertEqual(response["ResponseMetadata"]["HTTPStatusCode"], 424)
        self.assertGreaterEqual(response["OriginalStatusCode"], 400)
        self.assertRegex(response["Error"]["Message"], r"^Received client error \(4\d\d\) from primary with message")
        self.assert_refused(
            "413",
            "HTTP content length exceeded 6291456 bytes.",
            runtime.invoke_endpoint,
            EndpointName=endpoint,
            ContentType="text/csv",
            Body=b"1" * 6291457,
        )
        sagemaker.delete_endpoint(EndpointName=endpoint)

    def test_a_transform_job(self):
        name = f"{RUN}-batch"
        sagemaker.create_transform_job(
            TransformJobName=name,
            ModelName=self.model,
            BatchStrategy="MultiRecord",
            TransformInput={
                "DataSource": {
                    "S3DataSource": {"S3DataType": "S3Prefix", "S3Uri": f"s3://{BUCKET}/batch/"}
                },
                "ContentType": "text/csv",
                "SplitType": "Line",
            },
            TransformOutput={"S3OutputPath": f"s3://{BUCKET}/out/{name}", "AssembleWith": "Line"},
            TransformResources={"InstanceType": "ml.m5.large", "InstanceCount": 1},
        )
        sagemaker.get_waiter("transform_job_completed_or_stopped").wait(
            TransformJobName=name, WaiterConfig=QUICKLY
        )
        self.assertEqual(sagemaker.describe_transform_job(TransformJobName=name)["TransformJobStatus"], "Completed")
        out = s3.get_object(Bucket=BUCKET, Key=f"out/{name}/rows.csv.out")["Body"].read().decode()
        values = [float(line) for line in out.replace(",", "\n").split()]
        for value, expected in zip(values, [20, 40, 60]):
            self.assertAlmostEqual(value, expected, delta=4)
        self.assertEqual(len(values), 3)

    def test_lists_page_by_page(self):
        names = [f"{RUN}-listed-{index:02}" for index in range(12)]
        for name in names:
            sagemaker.create_model(
                ModelName=name, ExecutionRoleArn=ROLE, PrimaryContainer={"Image": IMAGE}
            )
        pages = list(
            sagemaker.get_paginator("list_models").paginate(
                NameContains=f"{RUN}-listed-", SortBy="Name", SortOrder="Ascending",
                PaginationConfig={"PageSize": 5},
            )
        )
        self.assertEqual([len(page["Models"]) for page in pages], [5, 5, 2])
        self.assertEqual([model["ModelName"] for page in pages for model in page["Models"]], names)
        for name in names:
            sagemaker.delete_model(ModelName=name)
        self.assertEqual(sagemaker.list_models(NameContains=f"{RUN}-listed-")["Models"], [])
        hour = datetime.timedelta(hours=1)
        now = datetime.datetime.now(datetime.timezone.utc)
        listed = sagemaker.list_training_jobs(
            NameContains=self.job, StatusEquals="Completed", CreationTimeAfter=now - hour
        )["TrainingJobSummaries"]
        self.assertEqual([job["TrainingJobName"] for job in listed], [self.job])
        self.assertEqual(
            sagemaker.list_training_jobs(NameContains=self.job, CreationTimeAfter=now + hour)["TrainingJobSummaries"], []
        )

    def test_a_job_is_stopped(self):
        name = f"{RUN}-endless"
        training(name, HyperParameters={"num_round": "100000", "eta": "0.0001"})
        sagemaker.stop_training_job(TrainingJobName=name)
        sagemaker.get_waiter("training_job_completed_or_stopped").wait(
            TrainingJobName=name, WaiterConfig=QUICKLY
        )
        self.assertEqual(sagemaker.describe_training_job(TrainingJobName=name)["TrainingJobStatus"], "Stopped")
        self.assert_refused(
            "ValidationException",
            "^The request was rejected because the training job is in status Stopped.$",
            sagemaker.stop_training_job,
            TrainingJobName=name,
        )

    def test_errors(self):
        arn = "arn:aws:sagemaker:us-east-1:000000000000"
        self.assert_refused(
            "ResourceInUse", "^Training job names must be unique within an AWS account and region", training, name=self.job
        )
        self.assert_refused(
            "ValidationException",
            "^Requested resource not found.$",
            sagemaker.describe_training_job,
            TrainingJobName="nobody",
        )
        self.assert_refused(
            "ValidationException",
            f'^Could not find endpoint "{arn}:endpoint/nobody".$',
            sagemaker.describe_endpoint,
            EndpointName="nobody",
        )
        self.assert_refused(
            "ValidationException",
            f'^Could not find endpoint configuration "{arn}:endpoint-config/nobody".$',
            sagemaker.create_endpoint,
            EndpointName="x",
            EndpointConfigName="nobody",
        )
        self.assert_refused(
            "ValidationException",
            "^2 validation errors detected: Value 'a_b' at 'trainingJobName' failed to satisfy constraint: "
            r"Member must satisfy regular expression pattern: .*; Value '0' at 'stoppingCondition.maxRuntimeInSeconds'",
            training,
            name="a_b",
            by=careless,
            StoppingCondition={"MaxRuntimeInSeconds": 0},
        )
        self.assert_refused(
            "ValidationError",
            "^Endpoint nobody of account 000000000000 not found.$",
            runtime.invoke_endpoint,
            EndpointName="nobody",
            Body=b"",
        )
        with self.assertRaises(WaiterError):
            sagemaker.get_waiter("transform_job_completed_or_stopped").wait(
                TransformJobName="nobody", WaiterConfig=QUICKLY
            )
