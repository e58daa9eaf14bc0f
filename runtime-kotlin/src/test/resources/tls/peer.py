# SPDX-License-Identifier: Apache-2.0
"""The other side of the interoperability tests: CPython's asyncio. Prints what the test is to know, a line each."""

import asyncio
import hashlib
import ssl
import sys

SIZE = 3_000_000


def client_context(cafile):
    return ssl.create_default_context(cafile=cafile)


def server_context(certfile, keyfile):
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(certfile, keyfile)
    return context


def payload():
    block = hashlib.sha256(b"simul").digest()
    return (block * (SIZE // len(block) + 1))[:SIZE]


async def talk(reader, writer):
    """Sends the payload, and expects it back."""
    data = payload()

    async def send():
        for start in range(0, SIZE, 50_000):
            writer.write(data[start : start + 50_000])
            await writer.drain()

    sending = asyncio.create_task(send())
    echoed = await reader.readexactly(SIZE)
    await sending
    assert echoed == data
    print("version", writer.get_extra_info("ssl_object").version(), flush=True)
    writer.close()
    await writer.wait_closed()
    print("done", flush=True)


async def echo(reader, writer):
    while data := await reader.read(65536):
        writer.write(data)
        await writer.drain()
    writer.close()
    await writer.wait_closed()
    print("done", flush=True)


async def serve(client_connected, **options):
    server = await asyncio.start_server(client_connected, "127.0.0.1", 0, **options)
    print("port", server.sockets[0].getsockname()[1], flush=True)
    await asyncio.sleep(120)


async def client(port, cafile):
    await talk(*await asyncio.open_connection("localhost", int(port), ssl=client_context(cafile), family=2))


async def server(certfile, keyfile):
    await serve(echo, ssl=server_context(certfile, keyfile))


async def upgrading_client(port, cafile):
    reader, writer = await asyncio.open_connection("127.0.0.1", int(port))
    writer.write(b"STARTTLS\n")
    assert await reader.readline() == b"go\n"
    await writer.start_tls(client_context(cafile), server_hostname="localhost")
    await talk(reader, writer)


async def upgrading_server(certfile, keyfile):
    async def upgrade(reader, writer):
        assert await reader.readline() == b"STARTTLS\n"
        writer.write(b"go\n")
        await writer.start_tls(server_context(certfile, keyfile))
        await echo(reader, writer)

    await serve(upgrade)


async def refusing_client(port):
    """Does not trust the authority of the tests."""
    try:
        await asyncio.open_connection("127.0.0.1", int(port), ssl=ssl.create_default_context(), server_hostname="localhost")
    except ssl.SSLCertVerificationError:
        print("refused", flush=True)


async def cut_off_client(port, cafile, heeds):
    """Reads to the end of a connection that ends, and TLS does not."""
    context = client_context(cafile)
    if heeds == "True":
        context.options &= ~getattr(ssl, "OP_IGNORE_UNEXPECTED_EOF", 0)
    reader, writer = await asyncio.open_connection("localhost", int(port), ssl=context, family=2)
    print("read", len(await reader.read()), flush=True)
    writer.close()
    await writer.wait_closed()
    print("done", flush=True)


asyncio.run(globals()[sys.argv[1]](*sys.argv[2:]))
