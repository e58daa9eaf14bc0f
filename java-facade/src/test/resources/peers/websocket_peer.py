# SPDX-License-Identifier: Apache-2.0
"""The other end of WebSockets, on CPython's asyncio: serves them at two ports, the second over TLS. What it does depends on the path.

Prints its ports, and then what the test is to know, a line each.
"""

import asyncio
import base64
import hashlib
import socket
import ssl
import struct
import sys

TEXT, BINARY, CLOSE, PING, PONG = 1, 2, 8, 9, 10
LARGE = bytes(i % 251 for i in range(1 << 20))


class Session:
    def __init__(self, path, reader, writer):
        self.path, self.reader, self.writer = path, reader, writer
        self.has_closed = False

    def tell(self, *what):
        print(self.path, *what, flush=True)

    def frame(self, opcode, payload=b"", final=True):
        size = len(payload)
        if size < 126:
            head = struct.pack("!BB", opcode | final << 7, size)
        elif size < 65536:
            head = struct.pack("!BBH", opcode | final << 7, 126, size)
        else:
            head = struct.pack("!BBQ", opcode | final << 7, 127, size)
        self.writer.write(head + payload)

    def close(self, status, reason):
        self.has_closed = True
        self.frame(CLOSE, struct.pack("!H", status) + reason.encode())

    async def receive(self):
        """The next frame."""
        first, second = await self.reader.readexactly(2)
        assert second & 0x80, "a client's frame is masked"
        size = second & 0x7F
        if size == 126:
            (size,) = struct.unpack("!H", await self.reader.readexactly(2))
        elif size == 127:
            (size,) = struct.unpack("!Q", await self.reader.readexactly(8))
        mask = await self.reader.readexactly(4)
        masked = await self.reader.readexactly(size)
        masks = (mask * (size // 4 + 1))[:size]
        payload = (int.from_bytes(masked, "big") ^ int.from_bytes(masks, "big")).to_bytes(size, "big")
        return first & 0x0F, bool(first & 0x80), payload

    async def messages(self):
        """The messages of the client, and its pongs; answers its pings and its close, which is the end."""
        kind, parts = 0, []
        while True:
            opcode, final, payload = await self.receive()
            if opcode == CLOSE:
                self.tell("closed", *struct.unpack("!H", payload[:2]), payload[2:].decode())
                if not self.has_closed:
                    self.frame(CLOSE, payload)
                return
            if opcode == PING:
                self.frame(PONG, payload)
            elif opcode == PONG:
                yield PONG, payload
            else:
                kind = opcode or kind
                parts.append(payload)
                if final:
                    yield kind, b"".join(parts)
                    parts = []

    async def echo(self):
        async for kind, payload in self.messages():
            self.frame(kind, payload)

    async def parts(self):
        text = "in parts: é".encode()
        self.frame(TEXT, text[:3], final=False)
        self.frame(PING, b"now")
        self.frame(0, text[3:-1], final=False)
        self.frame(0, b"", final=False)
        self.frame(0, text[-1:])
        async for kind, payload in self.messages():
            self.frame(TEXT, b"%d %s" % (kind, payload))
            self.close(4001, "done")

    async def large(self):
        self.frame(BINARY, LARGE)
        for start in range(0, len(LARGE), 65536):
            part = b"x" * 65536
            self.frame(TEXT if start == 0 else 0, part, final=start + 65536 == len(LARGE))
        async for kind, payload in self.messages():
            self.frame(TEXT, b"%d %d %s" % (kind, len(payload), hashlib.sha256(payload).hexdigest().encode()))

    async def vanish(self):
        async for kind, payload in self.messages():
            option = struct.pack("ii", 1, 0)
            self.writer.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, option)
            self.writer.transport.abort()

    async def halfway(self):
        self.frame(TEXT, b"whole")
        self.writer.write(b"\x81\x0ahalf")

    async def silent(self):
        async for kind, payload in self.messages():
            self.tell("got", kind)


async def serve(reader, writer):
    lines = (await reader.readuntil(b"\r\n\r\n")).decode().split("\r\n")
    fields = dict(line.lower().split(": ", 1)[:1] + line.split(": ", 1)[1:] for line in lines[1:] if line)
    guid = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11"
    accept = base64.b64encode(hashlib.sha1((fields["sec-websocket-key"] + guid).encode()).digest()).decode()
    writer.write(
        f"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: {accept}\r\n\r\n".encode()
    )
    path = lines[0].split(" ")[1]
    session = Session(path, reader, writer)
    try:
        await getattr(session, path[1:])()
        await writer.drain()
    except (EOFError, OSError):
        session.tell("lost")
    writer.close()


async def main(certificate, key):
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(certificate, key)
    servers = [await asyncio.start_server(serve, "127.0.0.1", 0, ssl=tls) for tls in (None, context)]
    print(*(server.sockets[0].getsockname()[1] for server in servers), flush=True)
    await asyncio.get_running_loop().run_in_executor(None, sys.stdin.read)


asyncio.run(main(*sys.argv[1:]))
