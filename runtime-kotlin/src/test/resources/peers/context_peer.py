# SPDX-License-Identifier: Apache-2.0
"""What context variables CPython's asyncio calls back with, for ContextPeersTest, which plays the same scenes.

Of each scene it prints `scene`, its name and all that was seen in it, in one line. What is called back says what value the
variable has there, and whether that is a task, and leaves its own name in the variable.

Usage: context_peer.py FOLDER, where FOLDER has the certificates server.pem, server.key and ca.pem.
"""

import asyncio
import contextvars
import os
import signal
import socket
import ssl
import sys
import tempfile
import threading

var = contextvars.ContextVar("var", default="nothing")
folder = sys.argv[1]
seen = []


def see(what):
    loop = asyncio.get_running_loop()
    inside = "a task" if asyncio.current_task(loop) else "no task"
    seen.append(f"{what} sees {var.get()} in {inside}")
    var.set(what)


def server_tls():
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(f"{folder}/server.pem", f"{folder}/server.key")
    return context


def client_tls():
    return ssl.create_default_context(cafile=f"{folder}/ca.pem")


class Watching(asyncio.Protocol):
    """Says what it sees, and lets others wait for that."""

    def __init__(self, name):
        self.name = name
        self.said = []
        self.changed = asyncio.Event()

    def tell(self, what):
        see(f"{self.name} {what}")
        self.said.append(what)
        self.changed.set()

    async def until(self, what, count=1):
        while self.said.count(what) < count:
            self.changed.clear()
            await self.changed.wait()

    def connection_made(self, transport):
        self.transport = transport
        self.tell("made")

    def data_received(self, data):
        self.tell("data")

    def eof_received(self):
        self.tell("eof")

    def pause_writing(self):
        self.tell("pause")

    def resume_writing(self):
        self.tell("resume")

    def connection_lost(self, exc):
        self.tell("lost")


class WatchingBuffer(Watching, asyncio.BufferedProtocol):
    def __init__(self, name):
        super().__init__(name)
        self.buffer = bytearray(100)

    def get_buffer(self, sizehint):
        see(f"{self.name} get buffer")
        return self.buffer

    def buffer_updated(self, nbytes):
        self.tell("data")


def small(sock):
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 8192)
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 8192)
    return sock


def watched(name, made, new=Watching):
    """A factory of protocols with numbers."""

    def factory():
        see(f"factory of {name} {len(made) + 1}")
        made.append(new(f"{name} {len(made) + 1}"))
        return made[-1]
    return factory


async def accept(listen, dial, new=Watching):
    var.set("main")
    made = []
    server = await listen(watched("server", made, new))
    var.set("main, later")
    for number in range(3):
        client = await dial(server)
        while len(made) <= number:
            await asyncio.sleep(0)
        protocol = made[number]
        await protocol.until("made")
        for count in range(2):
            client.write(b"data")
            await protocol.until("data", count + 1)
        client.close()
        await protocol.until("lost")
    server.close()
    see("main at last")


class Plain:
    def __init__(self, family, address):
        self.sock = socket.socket(family)
        self.sock.connect(address)

    def write(self, data):
        self.sock.sendall(data)

    def close(self):
        self.sock.close()


async def dial_plain(server):
    sock = server.sockets[0]
    return Plain(sock.family, sock.getsockname())


async def tcp_server():
    await accept(lambda f: asyncio.get_running_loop().create_server(f, "127.0.0.1", 0), dial_plain)


async def tcp_server_of_buffers():
    await accept(lambda f: asyncio.get_running_loop().create_server(f, "127.0.0.1", 0), dial_plain, WatchingBuffer)


async def unix_server():
    with tempfile.TemporaryDirectory() as there:
        await accept(lambda f: asyncio.get_running_loop().create_unix_server(f, f"{there}/socket"), dial_plain)


async def tls_server():
    async def dial(server):
        _, writer = await asyncio.open_connection(*server.sockets[0].getsockname(), ssl=client_tls(), server_hostname="localhost")
        return writer
    await accept(lambda f: asyncio.get_running_loop().create_server(f, "127.0.0.1", 0, ssl=server_tls()), dial)


async def client():
    """A client that reads, writes more than fits, and is left."""
    loop = asyncio.get_running_loop()
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen()
        ours = small(socket.socket())
        ours.connect(listener.getsockname())
        theirs, _ = listener.accept()
    small(theirs)
    theirs.setblocking(False)
    made = []
    var.set("main")
    transport, protocol = await loop.create_connection(watched("client", made), sock=ours)
    var.set("main, later")
    await loop.sock_sendall(theirs, b"data")
    await protocol.until("data")
    transport.pause_reading()
    var.set("who resumes reading")
    transport.resume_reading()
    await loop.sock_sendall(theirs, b"data")
    await protocol.until("data", 2)
    var.set("who writes")
    transport.write(b"x" * 1_000_000)
    var.set("main, after writing")
    received = 0
    while received < 1_000_000:
        received += len(await loop.sock_recv(theirs, 100_000))
    await protocol.until("resume")
    var.set("who leaves")
    theirs.close()
    await protocol.until("lost")
    see("main at last")


async def close_client():
    loop = asyncio.get_running_loop()
    ours, theirs = socket.socketpair()
    made = []
    var.set("main")
    transport, protocol = await loop.create_connection(watched("client", made), sock=ours)
    var.set("who closes")
    transport.close()
    var.set("main, later")
    await protocol.until("lost")
    theirs.close()
    see("main at last")


async def half_close():
    loop = asyncio.get_running_loop()

    class Staying(Watching):
        def eof_received(self):
            super().eof_received()
            return True
    ours, theirs = socket.socketpair()
    var.set("main")
    transport, protocol = await loop.create_connection(watched("client", [], Staying), sock=ours)
    var.set("main, later")
    theirs.shutdown(socket.SHUT_WR)
    await protocol.until("eof")
    var.set("who aborts")
    transport.abort()
    await protocol.until("lost")
    theirs.close()
    see("main at last")


async def tls_pair():
    """Both sides over TLS; the client writes and closes."""
    loop = asyncio.get_running_loop()
    var.set("main")
    made = []
    server = await loop.create_server(watched("server", made), "127.0.0.1", 0, ssl=server_tls())
    var.set("who connects")
    transport, protocol = await loop.create_connection(
        watched("client", []), *server.sockets[0].getsockname(), ssl=client_tls(), server_hostname="localhost")
    while not made:
        await asyncio.sleep(0.001)
    await made[0].until("made")
    var.set("who writes to the client")
    made[0].transport.write(b"data")
    await protocol.until("data")
    var.set("who writes to the server")
    transport.write(b"data")
    await made[0].until("data")
    var.set("who closes")
    transport.close()
    await protocol.until("lost")
    await made[0].until("lost")
    server.close()
    # The two sides take turns as they like.
    seen.sort()
    see("main at last")


async def start_tls():
    """As tls_pair, on a connection that spoke without before."""
    loop = asyncio.get_running_loop()
    ours, theirs = socket.socketpair()
    var.set("main")
    transport, protocol = await loop.create_connection(watched("client", []), sock=ours)
    their_transport, their_protocol = await loop.create_connection(watched("server", []), sock=theirs)
    async def serve():
        var.set("who starts the server's side")
        return await loop.start_tls(their_transport, their_protocol, server_tls(), server_side=True)
    serving = asyncio.ensure_future(serve())
    var.set("who starts TLS")
    transport = await loop.start_tls(transport, protocol, client_tls(), server_hostname="localhost")
    their_transport = await serving
    var.set("who writes to the client")
    their_transport.write(b"data")
    await protocol.until("data")
    var.set("who writes to the server")
    transport.write(b"data")
    await their_protocol.until("data")
    var.set("who closes")
    transport.close()
    await protocol.until("lost")
    await their_protocol.until("lost")
    seen.sort()
    see("main at last")


async def clients_of_streams():
    """What a server of streams runs for each client."""
    var.set("main")
    done = asyncio.Queue()

    async def connected(reader, writer):
        see("client's task")
        await reader.read(4)
        see("client's task, having read")
        writer.close()
        done.put_nowait(None)
    server = await asyncio.start_server(connected, "127.0.0.1", 0)
    var.set("main, later")
    for _ in range(2):
        peer = await dial_plain(server)
        peer.write(b"data")
        await done.get()
        peer.close()
    server.close()
    see("main at last")


async def read_pipe():
    loop = asyncio.get_running_loop()
    source, sink = os.pipe()
    var.set("main")
    transport, protocol = await loop.connect_read_pipe(watched("reader", []), os.fdopen(source, "rb"))
    var.set("main, later")
    for count in range(2):
        os.write(sink, b"data")
        await protocol.until("data", count + 1)
    transport.pause_reading()
    var.set("who resumes reading")
    transport.resume_reading()
    os.write(sink, b"data")
    await protocol.until("data", 3)
    var.set("who leaves")
    os.close(sink)
    await protocol.until("lost")
    see("main at last")


async def write_pipe():
    loop = asyncio.get_running_loop()
    source, sink = os.pipe()
    os.set_blocking(source, False)
    var.set("main")
    transport, protocol = await loop.connect_write_pipe(watched("writer", []), os.fdopen(sink, "wb"))
    var.set("who writes")
    transport.write(b"x" * 1_000_000)
    var.set("main, later")
    while protocol.said.count("resume") == 0:
        try:
            os.read(source, 50_000)
        except BlockingIOError:
            pass
        await asyncio.sleep(0)
    var.set("who aborts")
    transport.abort()
    await protocol.until("lost")
    os.close(source)
    see("main at last")


async def datagrams():
    loop = asyncio.get_running_loop()

    class Datagrams(Watching, asyncio.DatagramProtocol):
        def datagram_received(self, data, addr):
            self.tell("datagram")
    var.set("main")
    transport, protocol = await loop.create_datagram_endpoint(watched("endpoint", [], Datagrams), ("127.0.0.1", 0))
    var.set("main, later")
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as peer:
        for count in range(2):
            peer.sendto(b"data", transport.get_extra_info("sockname"))
            await protocol.until("datagram", count + 1)
    var.set("who closes")
    transport.close()
    var.set("main, after closing")
    await protocol.until("lost")
    see("main at last")


async def subprocess():
    loop = asyncio.get_running_loop()

    class Child(Watching, asyncio.SubprocessProtocol):
        def pipe_data_received(self, fd, data):
            self.tell(f"data of {fd}")

        def pipe_connection_lost(self, fd, exc):
            self.tell(f"loss of {fd}")

        def process_exited(self):
            # Who tells of that, and with which variables, is another one in each version.
            self.exited = True
    var.set("main")
    transport, protocol = await loop.subprocess_exec(
        watched("child", [], Child), sys.executable, "-c", "import sys\nfor line in sys.stdin: print(line, end='', flush=True)", stderr=None)
    var.set("main, later")
    for count in range(2):
        transport.get_pipe_transport(0).write(b"data\n")
        await protocol.until("data of 1", count + 1)
    var.set("who closes")
    transport.get_pipe_transport(0).close()
    await protocol.until("loss of 0")
    await protocol.until("loss of 1")
    while "lost" not in protocol.said:
        await asyncio.sleep(0.001)
    seen[:] = sorted(line for line in seen if "child 1 lost" not in line)
    see("main at last")


async def readers_and_writers():
    loop = asyncio.get_running_loop()
    near, far = socket.socketpair()
    near.setblocking(False)
    counts = {"reader": 0, "writer": 0}
    done = asyncio.Event()

    def ready(what, stop):
        counts[what] += 1
        see(f"{what} {counts[what]}")
        if counts[what] == 2:
            stop(near)
            done.set()
    var.set("main")
    loop.add_reader(near, ready, "reader", loop.remove_reader)
    var.set("main, later")
    far.send(b"data")
    await done.wait()
    done.clear()
    var.set("who adds a writer")
    loop.add_writer(near, ready, "writer", loop.remove_writer)
    await done.wait()
    near.close()
    far.close()
    see("main at last")


async def signals():
    loop = asyncio.get_running_loop()
    done = asyncio.Event()

    def handle():
        see("handler")
        done.set()
    var.set("main")
    loop.add_signal_handler(signal.SIGUSR2, handle)
    var.set("main, later")
    for _ in range(2):
        done.clear()
        os.kill(os.getpid(), signal.SIGUSR2)
        await done.wait()
    loop.remove_signal_handler(signal.SIGUSR2)
    see("main at last")


async def callbacks():
    loop = asyncio.get_running_loop()
    var.set("main")
    future = loop.create_future()
    future.add_done_callback(lambda f: see("done callback"))
    loop.call_soon(see, "soon")
    loop.call_later(0.001, see, "later")
    loop.call_at(loop.time() + 0.002, see, "at")
    loop.call_soon_threadsafe(see, "threadsafe, from the loop")
    given = contextvars.copy_context()
    given.run(var.set, "given")
    loop.call_soon(see, "soon, with a context", context=given)
    loop.call_soon(see, "soon again, with the same", context=given)
    var.set("main, later")
    future.set_result(None)
    await asyncio.sleep(0.01)
    future.add_done_callback(lambda f: see("done callback, when all is done"))
    var.set("main, after that")
    await asyncio.sleep(0)

    def elsewhere():
        var.set("of the thread")
        loop.call_soon_threadsafe(see, "threadsafe, from a thread")
    thread = threading.Thread(target=elsewhere)
    thread.start()
    while not any("from a thread" in line for line in seen):
        await asyncio.sleep(0.001)
    thread.join()
    see("main at last")


async def threads():
    loop = asyncio.get_running_loop()
    var.set("main")

    def work(what):
        seen.append(f"{what} sees {var.get()}")
        var.set(what)
    await asyncio.to_thread(work, "to_thread")
    await asyncio.to_thread(work, "to_thread again")
    await loop.run_in_executor(None, work, "executor")

    async def coroutine():
        see("coroutine from a thread")

    def submit():
        var.set("of the thread")
        asyncio.run_coroutine_threadsafe(coroutine(), loop).result()
    await loop.run_in_executor(None, submit)
    see("main at last")


async def tasks():
    var.set("main")

    async def work(what):
        see(what)
        await asyncio.sleep(0)
        see(f"{what}, later")
    first = asyncio.ensure_future(work("first task"))
    var.set("main, later")
    second = asyncio.ensure_future(work("second task"))
    second.add_done_callback(lambda t: see("done callback of a task"))
    await work("coroutine")
    await asyncio.gather(first, second)
    await asyncio.wait_for(work("waited for"), None)
    see("main at last")


async def generators():
    var.set("main")

    async def numbers(what):
        try:
            for number in range(3):
                see(f"{what} {number}")
                yield number
        finally:
            see(f"{what} at its end")
    whole = numbers("generator")
    await whole.__anext__()
    var.set("main, later")
    await whole.__anext__()
    await asyncio.ensure_future(whole.__anext__())
    see("main, behind a task's step")
    await whole.aclose()
    left = numbers("left generator")
    await left.__anext__()
    var.set("who shuts down")
    await asyncio.get_running_loop().shutdown_asyncgens()
    see("main at last")


async def play(scene):
    asyncio.get_running_loop().set_exception_handler(lambda loop, context: seen.append(str(context)))
    await asyncio.wait_for(scene(), 30)


scenes = [
    tcp_server, tcp_server_of_buffers, unix_server, tls_server, client, close_client, half_close, tls_pair, start_tls,
    clients_of_streams, read_pipe, write_pipe, datagrams, subprocess, readers_and_writers, signals, callbacks, threads, tasks, generators,
]
for scene in scenes:
    seen.clear()
    try:
        asyncio.run(play(scene))
    except Exception as e:
        seen.append(repr(e))
    print("scene", scene.__name__, " | ".join(seen), flush=True)
