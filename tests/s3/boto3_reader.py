"""tests/s3/boto3_reader.py ENDPOINT BUCKET PREFIX FOLDER: gets all objects below the prefix into the folder.

Prints them as JSON: by key, the listed size and what HEAD says of the checksum.
"""
import json
import sys
from pathlib import Path

import boto3


def main():
    endpoint, bucket, prefix, folder = sys.argv[1:]
    s3 = boto3.client("s3", endpoint_url=endpoint)
    objects = {}
    for page in s3.get_paginator("list_objects_v2").paginate(Bucket=bucket, Prefix=prefix):
        for listed in page["Contents"]:
            key = listed["Key"].removeprefix(prefix)
            path = Path(folder, key)
            path.parent.mkdir(parents=True, exist_ok=True)
            head = s3.head_object(Bucket=bucket, Key=listed["Key"], ChecksumMode="ENABLED")
            path.write_bytes(s3.get_object(Bucket=bucket, Key=listed["Key"])["Body"].read())
            objects[key] = {"size": listed["Size"],
                            "head": {name: head.get(name, "") for name in ("ContentLength", "ChecksumCRC32", "ChecksumType")}}
    print(json.dumps(objects))


main()
