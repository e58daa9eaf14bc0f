# SPDX-License-Identifier: Apache-2.0
"""A peer on CPython's asyncio, for CPythonPeersTest.

Each line of stdin is a command: a number, a port to connect to or `listen`, a style, and the name of a conversation.
Each line of stdout begins with the number of its command: `port` and where it listens, `note` and what others may want to
know, and at last `done` or `failed` and what came of it. A line with a number and `go` lets a conversation go on that has
stopped. Commands run side by side; the process ends with its stdin.
"""

import asyncio
import hashlib
import socket
import struct
import sys

SIZE = 5_000_000
LARGE = 12_000_000
BUFFER = 64 * 1024
PATIENCE = 60


def pattern(size):
    return bytes(i * 31 % 251 for i in range(251)) * (size // 251) + bytes(i * 31 % 251 for i in range(size % 251))


def summary(data):
    return f"{len(data)} {hashlib.sha256(data).hexdigest()}"


class StreamsEnd:
    def __init__(self, reader, writer):
        self.reader, self.writer, self.transport = reader, writer, writer.transport

    async def send(self, data):
        self.writer.write(data)
        await self.writer.drain()

    async def some(self):
        return await self.reader.read(BUFFER)

    async def receive(self, count):
        return await self.reader.readexactly(count)

    async def rest(self):
        return await self.reader.read()

    async def lost(self):
        try:
            await self.writer.wait_closed()
        except OSError as e:
            return e


class ProtocolEnd(asyncio.Protocol):
    def __init__(self, made):
        self.made = made
        self.transport = None
        self.received = bytearray()
        self.changed = asyncio.Event()
        self.ended = self.is_lost = False
        self.exception = None
        self.writable = asyncio.Event()
        self.writable.set()

    def connection_made(self, transport):
        self.transport = transport
        self.made(self)

    def data_received(self, data):
        self.received += data
        self.changed.set()

    def eof_received(self):
        self.ended = True
        self.changed.set()
        return True

    def pause_writing(self):
        self.writable.clear()

    def resume_writing(self):
        self.writable.set()

    def connection_lost(self, exc):
        self.exception, self.ended, self.is_lost = exc, True, True
        self.changed.set()
        self.writable.set()

    async def send(self, data):
        if self.exception:
            raise self.exception
        self.transport.write(data)
        await self.writable.wait()

    async def until(self, condition):
        while not condition():
            self.changed.clear()
            await self.changed.wait()
        if self.exception:
            raise self.exception

    def take(self, count):
        taken = bytes(self.received[:count])
        del self.received[:count]
        return taken

    async def some(self):
        await self.until(lambda: self.received or self.ended)
        return self.take(BUFFER)

    async def receive(self, count):
        await self.until(lambda: len(self.received) >= count or self.ended)
        if len(self.received) < count:
            raise asyncio.IncompleteReadError(bytes(self.received), count)
        return self.take(count)

    async def rest(self):
        await self.until(lambda: self.ended)
        return self.take(len(self.received))

    async def lost(self):
        while not self.is_lost:
            self.changed.clear()
            await self.changed.wait()
        return self.exception


# The conversations; the other half of each is in Kotlin.


async def echo(end, command):
    total = 0
    while data := await end.some():
        total += len(data)
        await end.send(data)
    return total


async def ask(end, command):
    for text in ("hello", "ä€😀", "x" * 1000):
        await end.send(text.encode())
        assert await end.receive(len(text.encode())) == text.encode()
    for byte in pattern(200):
        await end.send(bytes([byte]))
        assert await end.receive(1) == bytes([byte])
    data = pattern(SIZE)
    sending = asyncio.ensure_future(send_all(end, data))
    received = bytearray()
    while len(received) < SIZE:
        part = await end.some()
        assert part, f"ended after {len(received)}"
        received += part
        await asyncio.sleep(0.001)
    await sending
    assert received == data
    end.transport.write_eof()
    assert await end.rest() == b""
    return "as asked"


async def send_all(end, data):
    for start in range(0, len(data), BUFFER):
        await end.send(data[start:start + BUFFER])


async def send_and_half_close(end, command):
    await send_all(end, pattern(100_000))
    end.transport.write_eof()
    return (await end.rest()).decode()


async def answer_half_close(end, command):
    await end.send(summary(await end.rest()).encode())
    return "answered"


async def half_close_both(end, command):
    await end.send(b"from Python")
    end.transport.write_eof()
    answer = await end.rest()
    end.transport.close()
    return f"{answer.decode()}, {await end.lost()}"


async def close(end, command):
    await end.send(b"bye")
    end.transport.close()
    return await end.lost()


async def await_close(end, command):
    return f"{(await end.rest()).decode()}, {await closed(end)}"


async def closed(end):
    end.transport.close()
    return await end.lost()


async def reset(end, command):
    await end.send(b"soon gone")
    await command.go()
    linger_not(end)
    end.transport.abort()
    return "reset"


def linger_not(end):
    end.transport.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))


async def await_reset(end, command):
    command.say("note", (await end.receive(9)).decode())
    try:
        await end.some()
        return "no exception"
    except OSError as e:
        return type(e).__name__


async def read_late(end, command):
    end.transport.pause_reading()
    command.say("note", "not reading")
    await command.go()
    end.transport.resume_reading()
    return summary(await end.rest())


async def never_read(end, command):
    end.transport.pause_reading()
    command.say("note", "not reading")
    await command.go()
    end.transport.abort()
    return "aborted"


async def send_much(end, command):
    await send_all(end, pattern(LARGE))
    command.say("note", f"all but {end.transport.get_write_buffer_size()}")
    end.transport.write_eof()
    assert await end.rest() == b""
    return summary(pattern(LARGE))


async def trickle(end, command):
    for byte in b"drip\n":
        await end.send(bytes([byte]))
        await asyncio.sleep(0.05)
    end.transport.write_eof()
    return (await end.rest()).decode()


async def send_long_line(end, command):
    await end.send(b"before\n")
    await send_all(end, b"x" * 200_000 + b"\n")
    await end.send(b"after\n")
    end.transport.write_eof()
    return (await end.rest()).decode()


async def read_long_line(end, command):
    lines = []
    while True:
        try:
            line = await end.reader.readline()
        except ValueError:
            if lines[-1] != "too long":
                lines.append("too long")
            continue
        if not line:
            return " ".join(lines)
        if b"x" not in line:
            lines.append(line.decode().strip())


# What runs them.


class Command:
    def __init__(self, number):
        self.number = number
        self.event = asyncio.Event()

    def say(self, kind, text):
        print(self.number, kind, text, flush=True)

    async def go(self):
        await self.event.wait()

    async def run(self, how, style, name):
        try:
            result = await asyncio.wait_for(self.converse(how, style, name), PATIENCE)
            self.say("done", result)
        except BaseException as e:
            self.say("failed", f"{name}: {e!r}".replace("\n", " "))

    async def converse(self, how, style, name):
        end = await (self.listen(style) if how == "listen" else self.connect(style, int(how)))
        try:
            return await globals()[name](end, self)
        finally:
            end.transport.close()

    async def connect(self, style, port):
        loop = asyncio.get_running_loop()
        sock = small_buffers(socket.socket())
        sock.setblocking(False)
        await loop.sock_connect(sock, ("127.0.0.1", port))
        if style == "streams":
            return StreamsEnd(*await asyncio.open_connection(sock=sock))
        return (await loop.create_connection(lambda: ProtocolEnd(lambda end: None), sock=sock))[1]

    async def listen(self, style):
        loop = asyncio.get_running_loop()
        sock = small_buffers(socket.socket())
        sock.bind(("127.0.0.1", 0))
        connected = loop.create_future()
        if style == "streams":
            async def accept(reader, writer):
                connected.set_result(StreamsEnd(reader, writer))
            server = await asyncio.start_server(accept, sock=sock)
        else:
            server = await loop.create_server(lambda: ProtocolEnd(connected.set_result), sock=sock)
        self.say("port", sock.getsockname()[1])
        end = await connected
        server.close()
        return end


def small_buffers(sock):
    """So that whoever does not read is soon noticed."""
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, BUFFER)
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, BUFFER)
    return sock


async def main():
    loop = asyncio.get_running_loop()
    commands, tasks = {}, set()
    print("ready", sys.version.split()[0], flush=True)
    while line := await loop.run_in_executor(None, sys.stdin.readline):
        number, how, *rest = line.split()
        if how == "go":
            commands[number].event.set()
        else:
            commands[number] = Command(number)
            tasks.add(asyncio.ensure_future(commands[number].run(how, *rest)))


asyncio.run(main())
