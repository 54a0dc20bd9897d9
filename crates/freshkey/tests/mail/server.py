"""A mail server that is not ours, with TLS and passwords, for the tests: aiosmtpd.

    server.py starttls|smtps FOLDER

It writes the certificate to trust into FOLDER/ca.pem, prints its port, and then a line of JSON for each email, as
Python's own parser understands it.
"""

import asyncio
import datetime
import ipaddress
import json
import pathlib
import ssl
import sys
from email import message_from_bytes, policy

from aiosmtpd.smtp import SMTP, AuthResult
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID


def certificate(name, issuer=None, key_of_issuer=None):
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    now = datetime.datetime.now(datetime.timezone.utc)
    builder = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer.subject if issuer else subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(days=1))
        .not_valid_after(now + datetime.timedelta(days=1))
        .add_extension(x509.BasicConstraints(ca=issuer is None, path_length=None), critical=True)
    )
    if issuer:
        names = [x509.DNSName("localhost"), x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]
        builder = builder.add_extension(x509.SubjectAlternativeName(names), critical=False)
    return builder.sign(key_of_issuer or key, hashes.SHA256()), key


def tls(folder):
    authority, key_of_authority = certificate("The tests' authority")
    own, key = certificate("localhost", authority, key_of_authority)
    pem = serialization.Encoding.PEM
    (folder / "ca.pem").write_bytes(authority.public_bytes(pem))
    (folder / "own.pem").write_bytes(
        own.public_bytes(pem)
        + key.private_bytes(pem, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    )
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(folder / "own.pem")
    return context


def authenticate(server, session, envelope, mechanism, data):
    good = (data.login, data.password) == (b"ada@x", b"p/a:s s")
    return AuthResult(success=good, handled=False)


class Handler:
    async def handle_DATA(self, server, session, envelope):
        message = message_from_bytes(envelope.content, policy=policy.default)
        defects = [repr(defect) for part in message.walk() for defect in part.defects]
        headers = [defect for value in message.values() for defect in getattr(value, "defects", ())]
        text, html = message.get_body(("plain",)), message.get_body(("html",))
        print(
            json.dumps(
                {
                    "to": envelope.rcpt_tos,
                    "from": envelope.mail_from,
                    "tls": server.transport.get_extra_info("ssl_object") is not None,
                    "headers": dict(message.items()),
                    "type": message.get_content_type(),
                    "parts": [part.get_content_type() for part in message.iter_parts()],
                    "text": text.get_content(),
                    "html": html.get_content(),
                    "defects": defects + [repr(defect) for defect in headers],
                }
            ),
            flush=True,
        )
        return "250 taken"


async def main(mode, folder):
    context = tls(folder)

    def protocol():
        options = {"authenticator": authenticate, "auth_required": True, "hostname": "mail.test"}
        if mode == "starttls":
            return SMTP(Handler(), require_starttls=True, tls_context=context, **options)
        return SMTP(Handler(), auth_require_tls=False, **options)

    outer = context if mode == "smtps" else None
    server = await asyncio.get_running_loop().create_server(protocol, "127.0.0.1", 0, ssl=outer)
    print(server.sockets[0].getsockname()[1], flush=True)
    # Until the test has gone.
    await asyncio.get_running_loop().run_in_executor(None, sys.stdin.read)


asyncio.run(main(sys.argv[1], pathlib.Path(sys.argv[2])))
