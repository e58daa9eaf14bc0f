# SPDX-License-Identifier: Apache-2.0
"""Writes random conformance programs about stream readers, one JSON object a line: generate_streams.py SEED COUNT.

Half of them are rounds of feeding, reading and cancelling with hardly a turn between, the others have reads anywhere.
"""

import json
import random
import sys

from generate import Generator

SEPARATORS = ["\n", ";", "ab", "a;", "-", "--", "b-", "\r\n", "aab", "--;--"]


class StreamGenerator(Generator):
    def __init__(self, rng, ident):
        super().__init__(rng, ident)
        self.theme = rng.choice(["rounds", "rounds", "any"])
        self.big = rng.random() < 0.12
        self.nfuncs = rng.randint(2, 5)
        self.ngens = 0
        if self.theme == "rounds" or rng.random() < 0.7:
            self.objs = []
        self.objs += [["StreamReader", self.limit()] for _ in range(rng.choice([1, 1, 1, 2]))]

    def limit(self):
        if self.big:
            return self.r.choice([100, 1000, 3000, 10000, 65536])
        return self.r.choice([1, 1, 2, 2, 3, 4, 5, 7, 10, 20])

    def reader(self):
        return self.pick("StreamReader")

    def data(self, least=0):
        """A text, and how many times it comes."""
        r = self.r
        text = "".join(r.choice("aaabb;--\n\r") for _ in range(max(least, r.choice([0, 1, 1, 2, 2, 3, 4, 5, 6, 8, 12]))))
        for _ in range(r.choice([0, 0, 1])):
            at = r.randint(0, len(text))
            text = text[:at] + r.choice(SEPARATORS) + text[at:]
        return [text, r.choice([1, 10, 100, 400, 1500]) if self.big else 1]

    def size(self):
        if self.big and self.r.random() < 0.6:
            return self.r.choice([100, 500, 1000, 5000, 20000])
        return self.r.choice([1, 1, 2, 3, 4, 5, 6, 8, 10, 15])

    def until(self):
        r = self.r
        if r.random() < 0.4:
            return r.choice(SEPARATORS)
        separators = r.sample(SEPARATORS, r.randint(1, 3))
        # Of two that end at the same place, the longer one begins earlier, which counts for the limit.
        if r.random() < 0.4:
            separators.insert(r.randint(0, len(separators)), r.choice("ab;-") + r.choice(separators))
        if r.random() < 0.03:
            separators.insert(r.randint(0, len(separators)), "")
        return separators if r.random() < 0.99 else []

    def read(self):
        r, o = self.r, self.reader()
        return r.choices(
            [
                lambda: ["read", o, self.size()],
                lambda: ["read", o, r.choice([-1, -1, -5, 0])],
                lambda: ["readexactly", o, self.size() if r.random() < 0.95 else r.choice([0, -1])],
                lambda: ["readuntil", o, self.until()],
                lambda: ["readline", o],
            ],
            [4, 0.8, 3, 5, 3],
        )[0]()

    def feed(self):
        r, o = self.r, self.reader()
        return r.choices(
            [
                lambda: ["feed", o, *self.data()],
                lambda: ["receive", o, *self.data(1)],
                lambda: ["feed_later", o, r.choice([None, None, 0, 1, 2]), *self.data()],
                lambda: [r.choice(["feed_eof", "receive_eof"]), o],
                lambda: ["eof_later", o, r.choice([None, 0, 1, 3])],
                lambda: ["break", o, r.randrange(5)],
                lambda: ["lose", o, r.choice([None, 7])],
            ],
            [6, 5, 2, 0.5, 0.3, 0.25, 0.3],
        )[0]()

    def look(self):
        return [self.r.choice(["at_eof", "reader", "reader"]), self.reader()]

    def leaf(self, f):
        kind = self.r.random()
        if kind < 0.35:
            return self.read()
        if kind < 0.65:
            return self.feed()
        if kind < 0.72:
            return self.look()
        return super().leaf(f)

    def stmt(self, f, depth):
        if depth < 3 and self.r.random() < 0.06:
            return ["lines", self.reader(), self.r.randint(1, 4), self.block(f, depth + 1, self.r.randint(0, 2))]
        return super().stmt(f, depth)

    def reading(self):
        """The body of a task that reads, and may read on when it is cancelled, breaks or takes too long."""
        r = self.r
        body = []
        for _ in range(r.randint(1, 4)):
            stmt = self.read() if r.random() < 0.85 else ["lines", self.reader(), r.randint(1, 4), [self.read()] if r.random() < 0.2 else []]
            kind = r.random()
            if kind < 0.15:
                stmt = ["repeat", r.randint(2, 3), [stmt]]
            elif kind < 0.4:
                stmt = ["try", [stmt], [[r.choice(["Cancelled", "Cancelled", "Exception", "Any"]), [self.look()], r.random() < 0.2]], None]
            elif kind < 0.5:
                stmt = ["timeout", r.choice([0, 0, 1, 1, 2]), [stmt]]
            body.append(stmt)
            if r.random() < 0.15:
                body.append(r.choice([["sleep", 0], ["sleep", 1], self.look()]))
        return body

    def rounds(self):
        r = self.r
        main = []
        for _ in range(r.choice([0, 0, 1])):
            main.append(self.feed())
        readers = self.slots if r.random() < 0.3 else 1  # who reads alone is not refused
        main += [["spawn", slot, r.randrange(1, self.nfuncs), r.random() < 0.2] for slot in range(readers)]
        main.append(["sleep", 0])
        for _ in range(r.randint(4, 14)):
            kind = r.random()
            if kind < 0.5:
                main.append(self.feed())
            elif kind < 0.65:
                main.append(["cancel", r.randrange(readers), self.msg()])
            elif kind < 0.78:
                main.append(["sleep", r.choice([0, 0, 0, 1])])
            elif kind < 0.84:
                main.append(self.look())
            elif kind < 0.9:
                main.append(["spawn", r.randrange(readers), r.randrange(1, self.nfuncs), r.random() < 0.3])
            elif kind < 0.95:
                main.append(["timeout", 1, [self.read()]])
            else:
                main.append(super().leaf(0))
        main += [["sleep", 1]] + [["feed_eof", o] for o, made in enumerate(self.objs) if made[0] == "StreamReader" and r.random() < 0.6]
        main += [["sleep", 1]] + [["state", slot] for slot in range(readers)]
        return main + [["reader", o] for o, made in enumerate(self.objs) if made[0] == "StreamReader"]

    def program(self):
        if self.theme == "any":
            return super().program()
        funcs = [self.rounds()] + [self.reading() for _ in range(self.nfuncs - 1)]
        return {"id": self.ident, "strict": self.r.random() < 0.15, "objs": self.objs, "funcs": funcs, "gens": []}


def generate(seed, count):
    for i in range(count):
        ident = f"{seed}-{i}"
        yield StreamGenerator(random.Random(ident), ident).program()


if __name__ == "__main__":
    for program in generate(sys.argv[1], int(sys.argv[2])):
        print(json.dumps(program, separators=(",", ":")))
