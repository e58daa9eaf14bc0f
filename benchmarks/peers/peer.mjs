// SPDX-License-Identifier: Apache-2.0
// What promises on Node take for the work of the report: peer.mjs core | growth SIZE... | memory | hello
// Prints lines of a name and a value: nanoseconds an operation, or bytes. A turn of Node's loop is setImmediate.
const N = 100_000;
const ROUNDS = 3;
const PARKED = 200_000;

const turn = () => new Promise((resolve) => setImmediate(resolve));

const giveUpTurns = async (count) => {
  for (let i = 0; i < count; i++) await turn();
};

async function manyAlive(count) {
  const tasks = Array.from({ length: count }, () => turn());
  for (const task of tasks) await task;
}

const rows = {
  yieldAlone: () => giveUpTurns(N),

  yieldOfTwo: () => Promise.all([giveUpTurns(N / 2), giveUpTurns(N / 2)]),

  async createEagerAndAwait() {
    const one = async () => 1;
    for (let i = 0; i < N; i++) await one();
  },

  async futurePingPong() {
    const future = () => {
      let resolve;
      const promise = new Promise((it) => (resolve = it));
      return { promise, resolve };
    };
    let ping = future();
    let pong = future();
    const answer = async () => {
      for (let i = 0; i < N / 2; i++) {
        await ping.promise;
        ping = future();
        pong.resolve();
      }
    };
    const other = answer();
    for (let i = 0; i < N / 2; i++) {
      ping.resolve();
      await pong.promise;
      pong = future();
    }
    await other;
  },

  manyAlive: () => manyAlive(N),

  async generatorItems() {
    async function* numbers() {
      for (let i = 0; i < N; i++) yield i;
    }
    let sum = 0;
    for await (const number of numbers()) sum += number;
  },

  async generatorYieldingItems() {
    async function* numbers() {
      for (let i = 0; i < N; i++) {
        await turn();
        yield i;
      }
    }
    let sum = 0;
    for await (const number of numbers()) sum += number;
  },
};

async function nanoseconds(work) {
  const began = process.hrtime.bigint();
  await work();
  return Number(process.hrtime.bigint() - began);
}

async function core() {
  for (const [name, work] of Object.entries(rows)) {
    let best = Infinity;
    for (let i = 0; i < ROUNDS; i++) best = Math.min(best, await nanoseconds(work));
    console.log(name, best / N);
  }
}

async function growth(sizes) {
  for (const size of sizes) {
    let best = Infinity;
    const until = performance.now() + 1000;
    while (best === Infinity || performance.now() < until) best = Math.min(best, await nanoseconds(() => manyAlive(size)));
    console.log(size, best / size);
  }
}

const resident = () => {
  gc();
  return process.memoryUsage().rss;
};

async function memory() {
  const never = new Promise(() => {});
  const wait = async () => {
    await never;
  };
  resident();
  const kept = new Array(PARKED);
  let before = resident();
  for (let i = 0; i < PARKED; i++) kept[i] = wait();
  console.log("parkedTask", (resident() - before) / PARKED);
  before = resident();
  const timers = new Array(PARKED);
  for (let i = 0; i < PARKED; i++) timers[i] = setTimeout(() => {}, 3_600_000 + i);
  console.log("timer", (resident() - before) / PARKED);
  process.exit(kept.length + timers.length === 2 * PARKED ? 0 : 1);
}

const [command, ...rest] = process.argv.slice(2);
if (command === "core") await core();
else if (command === "growth") await growth(rest.map(Number));
else if (command === "memory") await memory();
else {
  await null;
  console.log("hello");
}
