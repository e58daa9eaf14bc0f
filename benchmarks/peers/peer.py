# SPDX-License-Identifier: Apache-2.0
"""What asyncio and uvloop take for the work of the report: peer.py asyncio|uvloop core | growth SIZE... | memory | hello

Prints lines of a name and a value: nanoseconds an operation, or bytes.
"""

import asyncio
import gc
import os
import sys
import time

N = 100_000
ROUNDS = 3
PARKED = 200_000


async def yieldAlone():
    for _ in range(N):
        await asyncio.sleep(0)


async def give_up_turns(count):
    for _ in range(count):
        await asyncio.sleep(0)


async def yieldOfTwo():
    other = asyncio.create_task(give_up_turns(N // 2))
    await give_up_turns(N // 2)
    await other


async def one():
    return 1


async def createAndAwait():
    for _ in range(N):
        await asyncio.create_task(one())


async def futurePingPong():
    loop = asyncio.get_running_loop()
    ping, pong = loop.create_future(), loop.create_future()

    async def answer():
        nonlocal ping
        for _ in range(N // 2):
            await ping
            ping = loop.create_future()
            pong.set_result(None)

    other = asyncio.create_task(answer())
    for _ in range(N // 2):
        ping.set_result(None)
        await pong
        pong = loop.create_future()
    await other


async def queueOfOne():
    queue = asyncio.Queue(1)

    async def produce():
        for number in range(N):
            await queue.put(number)

    producer = asyncio.create_task(produce())
    for _ in range(N):
        await queue.get()
    await producer


async def contendedLock():
    lock = asyncio.Lock()

    async def work():
        for _ in range(N // 4):
            async with lock:
                await asyncio.sleep(0)

    async with asyncio.TaskGroup() as group:
        for _ in range(4):
            group.create_task(work())


async def groupOfTen():
    for _ in range(N // 10):
        async with asyncio.TaskGroup() as group:
            for _ in range(10):
                group.create_task(asyncio.sleep(0))


async def timeoutAroundYield():
    for _ in range(N):
        async with asyncio.timeout(10):
            await asyncio.sleep(0)


async def cancelSleeping():
    tasks = [asyncio.create_task(asyncio.sleep(1000)) for _ in range(N)]
    await asyncio.sleep(0)
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)


async def many_alive(count):
    tasks = [asyncio.create_task(asyncio.sleep(0)) for _ in range(count)]
    for task in tasks:
        await task


async def manyAlive():
    await many_alive(N)


async def generatorItems():
    async def numbers():
        for number in range(N):
            yield number

    total = 0
    async for number in numbers():
        total += number


async def generatorYieldingItems():
    async def numbers():
        for number in range(N):
            await asyncio.sleep(0)
            yield number

    total = 0
    async for number in numbers():
        total += number


ROWS = [
    yieldAlone,
    yieldOfTwo,
    createAndAwait,
    futurePingPong,
    queueOfOne,
    contendedLock,
    groupOfTen,
    timeoutAroundYield,
    cancelSleeping,
    manyAlive,
    generatorItems,
    generatorYieldingItems,
]


def seconds(run, work):
    gc.collect()
    began = time.perf_counter()
    run(work())
    return time.perf_counter() - began


def core(run):
    for row in ROWS:
        operations = N // 10 if row is groupOfTen else N
        best = min(seconds(run, row) for _ in range(ROUNDS))
        print(row.__name__, best / operations * 1e9, flush=True)


def growth(run, sizes):
    for size in sizes:
        best, until = float("inf"), time.perf_counter() + 1
        while best == float("inf") or time.perf_counter() < until:
            best = min(best, seconds(run, lambda: many_alive(size)))
        print(size, best / size * 1e9, flush=True)


def resident():
    gc.collect()
    with open("/proc/self/statm") as file:
        return int(file.read().split()[1]) * os.sysconf("SC_PAGE_SIZE")


async def memory():
    never = asyncio.get_running_loop().create_future()

    async def wait():
        await never

    before = resident()
    tasks = [asyncio.create_task(wait()) for _ in range(PARKED)]
    await asyncio.sleep(0)
    print("parkedTask", (resident() - before) / PARKED, flush=True)
    # On top of the first ones, so that nothing reuses their memory.
    before = resident()
    sleeping = [asyncio.create_task(asyncio.sleep(3600 + number)) for number in range(PARKED)]
    await asyncio.sleep(0)
    print("sleepingTask", (resident() - before) / PARKED, flush=True)
    before = resident()
    loop = asyncio.get_running_loop()
    timers = [loop.call_later(3600 + number, print) for number in range(PARKED)]
    print("timer", (resident() - before) / PARKED, flush=True)
    for waiting in [*tasks, *sleeping, *timers]:
        waiting.cancel()
    await asyncio.gather(*tasks, *sleeping, return_exceptions=True)


async def hello():
    print("hello", flush=True)


def runner(name):
    if name == "asyncio":
        return asyncio.run
    import uvloop

    def run(coroutine):
        with asyncio.Runner(loop_factory=uvloop.new_event_loop) as loop:
            return loop.run(coroutine)

    return run


def main(name, command, *arguments):
    run = runner(name)
    if command == "core":
        core(run)
    elif command == "growth":
        growth(run, [int(size) for size in arguments])
    elif command == "memory":
        run(memory())
    else:
        run(hello())


main(*sys.argv[1:])
