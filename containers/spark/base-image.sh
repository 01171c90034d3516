#!/bin/sh
# AWS's Spark image for SageMaker Processing in a region: `base-image.sh us-east-1`. Its registries are AWS's own
# accounts, one for each region (SageMaker Python SDK, image_uri_config/spark.json).
set -eu
case "$1" in
  af-south-1) account=309385258863 ;;
  ap-east-1) account=732049463269 ;;
  ap-northeast-1) account=411782140378 ;;
  ap-northeast-2) account=860869212795 ;;
  ap-northeast-3) account=364406365360 ;;
  ap-south-1) account=105495057255 ;;
  ap-southeast-1) account=759080221371 ;;
  ap-southeast-2) account=440695851116 ;;
  ca-central-1) account=446299261295 ;;
  eu-central-1) account=906073651304 ;;
  eu-north-1) account=330188676905 ;;
  eu-south-1) account=753923664805 ;;
  eu-west-1) account=571004829621 ;;
  eu-west-2) account=836651553127 ;;
  eu-west-3) account=136845547031 ;;
  me-south-1) account=750251592176 ;;
  sa-east-1) account=737130764395 ;;
  us-east-1) account=173754725891 ;;
  us-east-2) account=314815235551 ;;
  us-west-1) account=667973535471 ;;
  us-west-2) account=153931337802 ;;
  *)
    echo "There is no Spark image of AWS known for the region $1: add its account to containers/spark/base-image.sh" >&2
    exit 1
    ;;
esac
echo "$account.dkr.ecr.$1.amazonaws.com/sagemaker-spark-processing:3.5-cpu-py39-v1.0"
