# SPDX-License-Identifier: Apache-2.0
import asyncio


class Mirrors:
    delays = {"near": 0.1, "flaky": 0.25, "gone": 0.1, "slow": 60}

    def __init__(self):
        self.refused = set()
        self.requests = 0

    async def ask(self, mirror):
        self.requests += 1
        await asyncio.sleep(self.delays[mirror])
        if mirror == "gone" or mirror == "flaky" and mirror not in self.refused:
            self.refused.add(mirror)
            raise OSError("refused")
        return len(mirror)


async def attempt(mirrors, mirror):
    async with asyncio.timeout(0.7):
        return await mirrors.ask(mirror)


async def fetch(mirrors, mirror, gate, files):
    try:
        async with gate:
            try:
                found = await attempt(mirrors, mirror)
            except Exception:
                found = await attempt(mirrors, mirror)
        print(f"{mirror}: {found} files")
        files[mirror] = found
    except asyncio.CancelledError:
        print(f"{mirror}: given up")
        raise
    except Exception as error:
        print(f"{mirror}: {error}")


async def ask_all():
    mirrors = Mirrors()
    gate = asyncio.Semaphore(2)
    files = {}
    try:
        async with asyncio.timeout(1.5), asyncio.TaskGroup() as group:
            for mirror in ["near", "flaky", "gone", "slow"]:
                group.create_task(fetch(mirrors, mirror, gate, files))
    except TimeoutError:
        pass  # What has come by now counts.
    print(f"{sum(files.values())} files from [{', '.join(files)}], {mirrors.requests} requests")


asyncio.run(ask_all())
