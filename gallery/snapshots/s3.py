"""Snapshots in an S3 bucket, or in another object store that speaks its protocol."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import boto3
from botocore.exceptions import BotoCoreError, ClientError

from biometrics.errors import SnapshotsUnavailable
from gallery.snapshots.fault import Fault, unusable

PART_BYTES = 16 * 1024**2
"""Bytes uploaded at once; S3 takes at least 5 MiB, and 10,000 parts: up to 156 GiB a snapshot."""
GONE = ("NoSuchKey", "404")


@contextmanager
def named() -> Iterator[None]:
    """What is done within, or by the function that this decorates: an error of S3 becomes SnapshotsUnavailable."""
    try:
        yield
    except ClientError as error:
        code = error.response.get("Error", {}).get("Code", "")
        raise _unavailable(f"it answered {code}") from error
    except (BotoCoreError, OSError) as error:
        raise _unavailable(type(error).__name__) from error


class S3File:
    """An object that is read in one stream.

    Args:
        client: of boto3.
        bucket: name of the bucket.
        key: of the object.
        name: of the snapshot.
    """

    @named()
    def __init__(self, client: Any, bucket: str, key: str, name: str) -> None:
        try:
            answer = client.get_object(Bucket=bucket, Key=key)
        except ClientError as error:
            if error.response.get("Error", {}).get("Code") in GONE:
                raise unusable(Fault.MISSING, name) from error
            raise
        self.size: int = answer["ContentLength"]
        self._body = answer["Body"]

    @named()
    def readinto(self, buffer: memoryview) -> int:
        """See OpenFile."""
        done = 0
        while done < len(buffer) and (read := self._body.readinto(buffer[done:])):
            done += read
        return done

    def close(self) -> None:
        """See OpenFile."""
        self._body.close()


class S3Part:
    """An object that is being uploaded in parts; it appears when the upload is completed.

    Args:
        client: of boto3.
        bucket: name of the bucket.
        key: of the object.
    """

    @named()
    def __init__(self, client: Any, bucket: str, key: str) -> None:
        self._client, self._place = client, {"Bucket": bucket, "Key": key}
        self._upload: str = client.create_multipart_upload(**self._place)["UploadId"]
        self._waiting = bytearray()
        self._parts: list[dict[str, object]] = []

    @named()
    def write(self, data: bytes) -> None:
        """See Part."""
        self._waiting += data
        while len(self._waiting) >= PART_BYTES:
            self._send(PART_BYTES)

    @named()
    def publish(self) -> None:
        """See Part."""
        if self._waiting:
            self._send(len(self._waiting))
        self._client.complete_multipart_upload(
            **self._place, UploadId=self._upload, MultipartUpload={"Parts": self._parts}
        )

    @named()
    def discard(self) -> None:
        """See Part."""
        self._client.abort_multipart_upload(**self._place, UploadId=self._upload)

    def _send(self, size: int) -> None:
        number = len(self._parts) + 1
        body = bytes(self._waiting[:size])
        answer = self._client.upload_part(**self._place, UploadId=self._upload, PartNumber=number, Body=body)
        self._parts.append({"PartNumber": number, "ETag": answer["ETag"]})
        del self._waiting[:size]


class S3Folder:
    """SnapshotFolder in a bucket. Needs the extra `aws`; credentials and region are found as boto3 finds them.

    Args:
        bucket: name of the bucket, which exists.
        folder: what the keys of the objects begin with, e.g. "snapshots/".
        endpoint_url: address of an object store that is not AWS; "" for AWS.
    """

    @named()
    def __init__(self, bucket: str, folder: str = "", endpoint_url: str = "") -> None:
        self._client = boto3.client("s3", endpoint_url=endpoint_url or None)
        self._bucket, self._folder = bucket, folder

    @named()
    def names(self, prefix: str) -> Sequence[str]:
        """See SnapshotFolder."""
        pages = self._pages("list_objects_v2", prefix)
        return sorted(each["Key"].removeprefix(self._folder) for page in pages for each in page.get("Contents", ()))

    def begin(self, name: str) -> S3Part:
        """See SnapshotFolder."""
        return S3Part(self._client, self._bucket, self._folder + name)

    def open(self, name: str) -> S3File:
        """See SnapshotFolder."""
        return S3File(self._client, self._bucket, self._folder + name, name)

    @named()
    def delete(self, name: str) -> None:
        """See SnapshotFolder."""
        self._client.delete_object(Bucket=self._bucket, Key=self._folder + name)

    @named()
    def discard_parts(self, prefix: str) -> None:
        """See SnapshotFolder."""
        for page in self._pages("list_multipart_uploads", prefix):
            for each in page.get("Uploads", ()):
                self._client.abort_multipart_upload(Bucket=self._bucket, Key=each["Key"], UploadId=each["UploadId"])

    def _pages(self, method: str, prefix: str) -> Iterator[dict[str, Any]]:
        pages: Iterator[dict[str, Any]] = self._client.get_paginator(method).paginate(
            Bucket=self._bucket, Prefix=self._folder + prefix
        )
        return pages


def _unavailable(why: str) -> SnapshotsUnavailable:
    return SnapshotsUnavailable(
        f"The bucket of the snapshots cannot be used: {why}. See to its address, credentials and permissions."
    )
