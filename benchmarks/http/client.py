# SPDX-License-Identifier: Apache-2.0
# Requests a second of aiohttp's client: client.py LOOP URL CONNECTIONS WARM-UP MEASURED, both in seconds; LOOP is asyncio or uvloop.
import asyncio
import os
import ssl
import sys

import aiohttp

_, loop, url, connections, warm_up, measured = sys.argv
answers = 0


async def ask(session):
    global answers
    while True:
        async with session.get(url) as response:
            if url.endswith("/1048576"):  # large bodies are dropped as they arrive
                async for _ in response.content.iter_any():
                    pass
            else:
                await response.read()
            answers += 1


async def main():
    trusting = ssl.create_default_context()
    trusting.check_hostname = False
    trusting.verify_mode = ssl.CERT_NONE
    async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=int(connections), ssl=trusting)) as session:
        tasks = [asyncio.create_task(ask(session)) for _ in range(int(connections))]
        await asyncio.sleep(int(warm_up))
        before = answers
        await asyncio.sleep(int(measured))
        print((answers - before) // int(measured), flush=True)
        os._exit(0)


if loop == "uvloop":
    import uvloop

    uvloop.install()
asyncio.run(main())
