"""An SMTP server that wants encryption and a login: python3 mail-server.py starttls|implicit CERTIFICATE KEY DIRECTORY.

Writes the port it listens on into DIRECTORY/port, and each message it takes into DIRECTORY/mail.
"""

import asyncio
import pathlib
import ssl
import sys

from aiosmtpd.smtp import SMTP, AuthResult

kind, certificate, key, directory = sys.argv[1:5]
directory = pathlib.Path(directory)
context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
context.load_cert_chain(certificate, key)


class Box:
    async def handle_DATA(self, server, session, envelope):
        encrypted = server.transport.get_extra_info("cipher") is not None
        login = session.auth_data.login.decode()
        text = f"encrypted={encrypted} login={login}\n" + envelope.content.decode("utf-8", "replace")
        part = directory / "mail.part"
        part.write_text(text)
        part.rename(directory / "mail")
        return "250 OK"


def authenticate(server, session, envelope, mechanism, data):
    return AuthResult(success=data.login == b"caravan" and data.password == b"sEcReT", auth_data=data)


def session():
    if kind == "starttls":
        return SMTP(Box(), tls_context=context, require_starttls=True, auth_required=True, authenticator=authenticate)
    return SMTP(Box(), auth_required=True, auth_require_tls=False, authenticator=authenticate)


async def serve():
    loop = asyncio.get_running_loop()
    wrapped = context if kind == "implicit" else None
    server = await loop.create_server(session, "127.0.0.1", 0, ssl=wrapped)
    part = directory / "port.part"
    part.write_text(str(server.sockets[0].getsockname()[1]))
    part.rename(directory / "port")
    await server.serve_forever()


asyncio.run(serve())
