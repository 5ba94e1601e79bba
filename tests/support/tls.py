"""Certificates for a server on 127.0.0.1, and the authority that signed them."""

import subprocess


class Certificate:
    """Files in `folder`, which must not be there yet: `ca_file`, and `server_file` with certificate and key together."""

    def __init__(self, folder):
        folder.mkdir()
        self.ca_file = folder / "ca.pem"
        self.server_file = folder / "server.pem"
        key, certificate, request, names = (folder / f for f in ("server.key", "server.crt", "server.csr", "names"))
        names.write_text("subjectAltName=IP:127.0.0.1,DNS:localhost\n")
        _openssl("req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", 30, "-subj", "/CN=penstock test authority",
                 "-keyout", folder / "ca.key", "-out", self.ca_file)
        _openssl("req", "-newkey", "rsa:2048", "-nodes", "-subj", "/CN=127.0.0.1", "-keyout", key, "-out", request)
        _openssl("x509", "-req", "-in", request, "-CA", self.ca_file, "-CAkey", folder / "ca.key", "-CAcreateserial",
                 "-days", 30, "-extfile", names, "-out", certificate)
        self.server_file.write_text(certificate.read_text() + key.read_text())


def _openssl(*arguments):
    subprocess.run(["openssl", *map(str, arguments)], check=True, capture_output=True)
