# SPDX-License-Identifier: Apache-2.0
"""An echo server on asyncio or uvloop: echo.py asyncio|uvloop streams|protocol PORT [CERTIFICATE KEY]"""

import asyncio
import ssl
import sys

HOST = "127.0.0.1"
LIMIT = 1 << 18


class Echo(asyncio.Protocol):
    def connection_made(self, transport):
        self.transport = transport

    def data_received(self, data):
        self.transport.write(data)


async def echo(reader, writer):
    while data := await reader.read(LIMIT):
        writer.write(data)
        await writer.drain()
    writer.close()


def tls(certificate, key):
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(certificate, key)
    return context


async def serve(kind, port, context):
    options = dict(ssl=context, backlog=1024)
    if kind == "streams":
        server = await asyncio.start_server(echo, HOST, port, limit=LIMIT, **options)
    else:
        server = await asyncio.get_running_loop().create_server(Echo, HOST, port, **options)
    await server.serve_forever()


def main(loop, kind, port, *files):
    context = tls(*files) if files else None
    if loop == "uvloop":
        import uvloop

        with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
            runner.run(serve(kind, int(port), context))
    else:
        asyncio.run(serve(kind, int(port), context))


main(*sys.argv[1:])
