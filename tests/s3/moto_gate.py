#!/usr/bin/env python3
"""tests/s3/moto_gate.py ACCESS_KEY SECRET_KEY REGION: moto's S3 behind the checks that AWS makes and moto does not.

Signatures are made anew by botocore's signer. Prints its port, and ends when its standard input does. Buckets are
named in the path, bodies are sent whole. A request with the header "Payload-Hash: ignore" may have another body than
was signed, as every request may over https: then the checksums alone stand between the body and the bucket.
"""
import base64
import datetime
import hashlib
import hmac
import io
import re
import sys
import threading
import zlib
from urllib.parse import unquote
from xml.sax.saxutils import escape

from botocore.auth import S3SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials
from moto.core import DEFAULT_ACCOUNT_ID
from moto.s3.models import s3_backends
from moto.server import create_backend_app
from werkzeug.serving import WSGIRequestHandler, make_server
from werkzeug.wrappers import Request, Response

AUTHORIZATION = re.compile(r"AWS4-HMAC-SHA256 Credential=([^, /]+)/(\d{8}/([^, /]+)/s3/aws4_request),"
                           r" ?SignedHeaders=([^, ]+), ?Signature=([0-9a-f]{64})")
DATE_FORMAT = "%Y%m%dT%H%M%SZ"
LARGEST_SKEW = datetime.timedelta(minutes=15)
LOCK_HEADERS = ("x-amz-object-lock-mode", "x-amz-object-lock-retain-until-date", "x-amz-object-lock-legal-hold")


class Refusal(Exception):
    def __init__(self, status, code, message, **fields):
        super().__init__(code)
        self.status, self.fields = status, {"Code": code, "Message": message, **fields}

    def response(self):
        fields = "".join(f"<{name}>{escape(text)}</{name}>" for name, text in self.fields.items())
        headers = {"x-amz-bucket-region": self.fields["Region"]} if "Region" in self.fields else {}
        return Response(f'<?xml version="1.0" encoding="UTF-8"?>\n<Error>{fields}</Error>', self.status, headers,
                        content_type="application/xml")


def checksum(data):
    return base64.b64encode(zlib.crc32(data).to_bytes(4, "big")).decode()


def check_signature(request, credentials, region):
    given = AUTHORIZATION.fullmatch(request.headers.get("Authorization", ""))
    if not given or "x-amz-date" not in request.headers or "x-amz-content-sha256" not in request.headers:
        raise Refusal(403, "AccessDenied", "The request is not signed")
    access_key, scope, scope_region, signed_headers, signature = given.groups()
    if access_key != credentials.access_key:
        raise Refusal(403, "InvalidAccessKeyId", "The key id does not exist in our records")
    if scope_region != region:
        raise Refusal(400, "AuthorizationHeaderMalformed", f"The region '{scope_region}' is wrong", Region=region)
    date = request.headers["x-amz-date"]
    now = datetime.datetime.now(datetime.timezone.utc)
    if abs(now - datetime.datetime.strptime(date + "+0000", DATE_FORMAT + "%z")) > LARGEST_SKEW:
        raise Refusal(403, "RequestTimeTooSkewed", "The clocks differ too much", ServerTime=now.strftime(DATE_FORMAT))
    names = signed_headers.split(";")
    unsigned = [name.lower() for name in request.headers.keys()
                if name.lower().startswith("x-amz-") and name.lower() not in names]
    if unsigned:
        raise Refusal(403, "AccessDenied", "There were headers present in the request which were not signed",
                      HeadersNotSigned=", ".join(unsigned))

    again = AWSRequest(method=request.method, url=f"http://{request.host}{request.environ['RAW_URI']}",
                       headers={name: request.headers.get(name, "") for name in names})
    again.context["timestamp"] = date
    signer = S3SigV4Auth(credentials, "s3", region)
    text = signer.string_to_sign(again, signer.canonical_request(again))
    whole = (scope == signer.credential_scope(again) and "host" in names
             and signed_headers == signer.signed_headers(signer.headers_to_sign(again)))
    if not whole or not hmac.compare_digest(signer.signature(text, again), signature):
        raise Refusal(403, "SignatureDoesNotMatch", "The signature is not the one we calculated", StringToSign=text)


def check_body(request, body):
    payload_hash = request.headers["x-amz-content-sha256"]
    if payload_hash.startswith("STREAMING-"):
        raise Refusal(501, "NotImplemented", "The gate takes no bodies in signed chunks")
    may_differ = payload_hash == "UNSIGNED-PAYLOAD" or request.headers.get("Payload-Hash") == "ignore"
    if not may_differ and payload_hash != hashlib.sha256(body).hexdigest():
        raise Refusal(400, "XAmzContentSHA256Mismatch", "The body is not the one that was signed")
    md5 = request.headers.get("Content-MD5")
    if md5 and md5 != base64.b64encode(hashlib.md5(body).digest()).decode():
        raise Refusal(400, "BadDigest", "The Content-MD5 is not that of the body")
    crc32 = request.headers.get("x-amz-checksum-crc32")
    if request.method == "PUT" and crc32 and crc32 != checksum(body):
        raise Refusal(400, "BadDigest", "The CRC32 is not that of the body")


def check_completion(request, body, upload):
    text = body.decode()
    numbers = [int(number) for number in re.findall(r"<PartNumber>(\d+)</PartNumber>", text)]
    if numbers != sorted(set(numbers)):
        raise Refusal(400, "InvalidPartOrder", "The parts are not in ascending order")
    if any(number not in upload.parts for number in numbers):
        raise Refusal(400, "InvalidPart", "A part was never sent")
    parts = [upload.parts[number].value for number in numbers]
    stated = re.findall(r"<ChecksumCRC32>([^<]*)</ChecksumCRC32>", text)
    if stated and stated != [checksum(part) for part in parts]:
        raise Refusal(400, "InvalidPart", "A part has another CRC32")
    size = request.headers.get("x-amz-mp-object-size")
    if size and int(size) != sum(len(part) for part in parts):
        raise Refusal(400, "InvalidRequest", "The x-amz-mp-object-size is not that of the parts")
    kind = upload.metadata.get("x-amz-checksum-type") or "COMPOSITE"
    if request.headers.get("x-amz-checksum-type", kind) != kind:
        raise Refusal(400, "InvalidRequest", f"The upload was begun with the checksum type {kind}")
    crc32 = request.headers.get("x-amz-checksum-crc32")
    if crc32 and kind == "FULL_OBJECT" and crc32 != checksum(b"".join(parts)):
        raise Refusal(400, "BadDigest", "The CRC32 is not that of the whole")


class Gate:
    def __init__(self, credentials, region):
        self.credentials, self.region = credentials, region
        self.moto, self.moto_lock = create_backend_app("s3"), threading.Lock()  # moto is not made for threads
        self.backend = s3_backends[DEFAULT_ACCOUNT_ID]["aws"]
        self.locked_uploads = set()
        self.started = datetime.datetime.now(datetime.timezone.utc).strftime("%Y-%m-%dT%H:%M:%S.000Z")

    def __call__(self, environ, start_response):
        request = Request(environ)
        body = request.get_data()
        try:
            check_signature(request, self.credentials, self.region)
            check_body(request, body)
            with self.moto_lock:
                response = self.answer(request, body)
        except Refusal as refusal:
            response = refusal.response()
        return response(environ, start_response)

    def answer(self, request, body):
        bucket, _, key = (unquote(part) for part in request.environ["RAW_URI"].split("?")[0][1:].partition("/"))
        self.check_upload(request, body, bucket, key)
        self.check_lock(request)
        response = self.ask_moto(request, body)
        if "uploads" in request.args:
            self.amend_uploads(request, response)
        elif "uploadId" in request.args:
            response.data = re.sub(rb"(</?(CompleteMultipartUpload|ListParts))Response\b", rb"\1Result", response.data)
        elif request.method in ("GET", "HEAD") and key and response.status_code == 200:
            self.amend_checksum(request, response, bucket, key)
        return response

    def ask_moto(self, request, body):
        environ = dict(request.environ, CONTENT_LENGTH=str(len(body)))
        environ["wsgi.input"] = io.BytesIO(body)
        if "x-amz-checksum-crc32" in request.headers:
            environ["HTTP_X_AMZ_SDK_CHECKSUM_ALGORITHM"] = "CRC32"  # without it moto forgets the checksum
        if request.mimetype == "application/x-www-form-urlencoded":
            environ["CONTENT_TYPE"] = "application/octet-stream"  # moto would look for the query in the body
        return Response.from_app(self.moto, environ, buffered=True)

    def check_upload(self, request, body, bucket, key):
        name = request.args.get("uploadId")
        if not name or bucket not in self.backend.buckets:
            return
        upload = self.backend.get_bucket(bucket).multiparts.get(name)
        if upload and request.method == "POST":
            check_completion(request, body, upload)
        there = self.backend.get_object(bucket, key)
        if not upload and not (there and there.multipart and there.multipart.id == name):
            raise Refusal(404, "NoSuchUpload", "The upload does not exist")

    def check_lock(self, request):
        locked = any(name in request.headers for name in LOCK_HEADERS)
        if request.method != "PUT" or not (locked or request.args.get("uploadId") in self.locked_uploads):
            return
        if not any(name.lower() == "content-md5" or name.lower().startswith("x-amz-checksum-")
                   for name in request.headers.keys()):
            raise Refusal(400, "InvalidRequest", "Content-MD5 OR x-amz-checksum- HTTP header is required for"
                          " Put Object requests with Object Lock parameters")

    def amend_uploads(self, request, response):
        # By moto, every upload was begun in 2010.
        response.data = response.data.replace(b"2010-11-10T20:48:33.000Z", self.started.encode())
        begun = re.search(rb"<UploadId>(.*?)</UploadId>", response.data)
        if request.method == "POST" and begun and any(name in request.headers for name in LOCK_HEADERS):
            self.locked_uploads.add(begun[1].decode())

    def amend_checksum(self, request, response, bucket, key):
        there = self.backend.get_object(bucket, key, version_id=request.args.get("versionId"))
        if not there or "x-amz-checksum-crc32" not in response.headers:
            return
        kind = there.checksum_type or "FULL_OBJECT"
        suffix = f"-{there.checksum_parts}" if kind == "COMPOSITE" else ""
        response.headers["x-amz-checksum-crc32"] = there.checksum_value + suffix
        response.headers["x-amz-checksum-type"] = kind


class Handler(WSGIRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_request(self, *_):
        pass


def main():
    access_key, secret_key, region = sys.argv[1:]
    gate = Gate(Credentials(access_key, secret_key), region)
    server = make_server("127.0.0.1", 0, gate, threaded=True, request_handler=Handler)
    print(server.server_port, flush=True)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    sys.stdin.read()


if __name__ == "__main__":
    main()
