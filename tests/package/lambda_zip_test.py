"""hubkeep-lambda-ARCHITECTURE.zip starts on a machine that has nothing of the one that built it."""
import http.server
import os
import platform
import ssl
import subprocess
import threading
import unittest
import zipfile
from contextlib import contextmanager
from pathlib import Path

from lambda_root import LambdaRoot
from runtime_api import LIBRARY_PATH

ROOT = Path(__file__).resolve().parent.parent.parent
PACKAGE = ROOT / f"build/hubkeep-lambda-{platform.machine().replace('aarch64', 'arm64')}.zip"
LARGEST = 15_000_000
CREDENTIALS = {"AWS_ACCESS_KEY_ID": "AKIDEXAMPLE", "AWS_SECRET_ACCESS_KEY": "secret", "AWS_REGION": "us-east-1"}


def setUpModule():
    subprocess.run([ROOT / "scripts/package-lambda", "--native"], check=True, stdout=subprocess.DEVNULL)


def openssl(folder, *arguments):
    subprocess.run(["openssl", *arguments], cwd=folder, check=True, capture_output=True)


@contextmanager
def server_of_own_authority(folder):
    """An https server on localhost that refuses every request with 403; its authority is in folder/ca.pem."""
    openssl(folder, "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "1", "-subj", "/CN=localhost",
            "-addext", "subjectAltName=DNS:localhost", "-keyout", "key.pem", "-out", "ca.pem")

    class Refuse(http.server.BaseHTTPRequestHandler):
        def do_GET(self):
            self.send_response(403)
            self.send_header("Content-Length", "0")
            self.end_headers()

        do_HEAD = do_GET

        def log_message(self, *_):
            pass

    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(folder / "ca.pem", folder / "key.pem")
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Refuse)
    server.socket = context.wrap_socket(server.socket, server_side=True)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield f"https://localhost:{server.server_address[1]}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


class TheZip(unittest.TestCase):
    def test_is_small_enough(self):
        self.assertLessEqual(PACKAGE.stat().st_size, LARGEST)

    def test_has_executable_files_in_order_and_without_the_time_of_the_build(self):
        with zipfile.ZipFile(PACKAGE) as archive:
            entries = archive.infolist()

        self.assertEqual([e.filename for e in entries], sorted(e.filename for e in entries))
        self.assertEqual({(e.date_time, e.external_attr >> 16) for e in entries}, {((1980, 1, 1, 0, 0, 0), 0o100755)})

    def test_brings_no_library_for_what_only_ldap_and_rtmp_need(self):
        with zipfile.ZipFile(PACKAGE) as archive:
            sizes = {entry.filename.partition(".so")[0]: entry.file_size for entry in archive.infolist()}

        self.assertFalse({"lib/libgnutls", "lib/libhogweed", "lib/libsasl2"} & sizes.keys())
        for name in ("lib/libldap-2.5", "lib/liblber-2.5", "lib/librtmp"):
            self.assertLess(sizes[name], 32_000)

    def test_is_made_byte_for_byte_again(self):
        before = PACKAGE.read_bytes()

        PACKAGE.unlink()
        setUpModule()

        self.assertEqual(PACKAGE.read_bytes(), before)


@unittest.skipUnless(os.geteuid() == 0, "chroot needs root")
class InAnEmptyRoot(unittest.TestCase):
    def setUp(self):
        self.root = self.enterContext(LambdaRoot(PACKAGE))

    def run_program(self, *arguments, **environment):
        return subprocess.run(self.root.command(*arguments), capture_output=True, text=True, timeout=60, check=False,
                              env={"LD_LIBRARY_PATH": LIBRARY_PATH, "HOME": "/tmp", **environment})

    def list_vault(self, endpoint):
        done = self.run_program("list", "--from", "s3://bucket/vault", "--endpoint-url", endpoint, **CREDENTIALS)
        return done.stderr

    def test_it_starts_beside_another_c_library(self):
        done = self.run_program("--version")

        self.assertRegex(done.stdout, r"^hubkeep \d+\.\d+\.\d+", done.stderr)
        self.assertEqual(done.returncode, 0)

    def test_every_function_that_a_library_names_is_there(self):
        done = self.run_program("--version", LD_BIND_NOW="1")

        self.assertEqual(done.returncode, 0, done.stderr)

    def test_it_trusts_the_authorities_of_amazon_linux(self):
        with server_of_own_authority(self.root.path / "tmp") as endpoint:
            bundle = self.root.path / "etc/pki/tls/certs/ca-bundle.crt"
            bundle.parent.mkdir(parents=True)
            bundle.write_bytes((self.root.path / "tmp/ca.pem").read_bytes())

            errors = self.list_vault(endpoint)

        self.assertIn("403", errors)
        self.assertNotIn("certificate", errors)

    def test_it_trusts_nobody_where_there_are_no_authorities(self):
        with server_of_own_authority(self.root.path / "tmp") as endpoint:
            errors = self.list_vault(endpoint)

        self.assertIn("certificate", errors)
