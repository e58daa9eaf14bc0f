# SPDX-License-Identifier: Apache-2.0
"""Writes random conformance programs about what surrounds a task, one JSON object a line: generate_scopes.py SEED COUNT.

That is: factories that start every task eagerly, context variables, and asynchronous context managers.
"""

import json
import random
import sys

from generate import KINDS, Generator

VARIABLES = 3


class ScopesGenerator(Generator):
    def __init__(self, rng, ident):
        super().__init__(rng, ident)
        self.eager = rng.random() < 0.6
        self.nmanagers = rng.randint(1, 3)
        self.about = rng.choice(["contexts", "managers", "both"])

    def context(self):
        return self.r.randrange(2)

    def some_context(self):
        return self.r.choice([None, None, 0, 1])

    def variable(self):
        return self.r.randrange(VARIABLES)

    def synchronous(self, f):
        """A statement that does not await."""
        r = self.r
        options = [
            (4, lambda: ["variable_set", self.variable(), r.randrange(100), r.randrange(3)]),
            (3, lambda: ["variable_get", self.variable()]),
            (2, lambda: ["variable_reset", self.variable(), r.randrange(3)]),
            (1.5, lambda: ["copy_context", self.context()]),
            (1, lambda: ["context_get", self.context(), self.variable()]),
            (1, lambda: ["call_soon_in", r.randrange(3), self.some_context(), self.variable()]),
            (1, lambda: ["on_done_in", self.slot(), self.some_context(), self.variable()]),
        ]
        if f + 1 < self.nfuncs:
            flag = lambda: r.choice([None, None, None, True, False])
            options += [(3, lambda: ["spawn_in", self.slot(), r.randrange(f + 1, self.nfuncs), flag(), self.some_context()])]
        return r.choices([o[1] for o in options], [o[0] for o in options])[0]()

    def run_in(self, f, depth=0):
        r = self.r
        body = [self.synchronous(f) for _ in range(r.randint(1, 3))]
        if depth < 2 and r.random() < 0.15:
            body.insert(r.randint(0, len(body)), self.run_in(f, depth + 1))
        return ["run_in", self.context(), body]

    def leaf(self, f):
        if self.about != "managers" and self.r.random() < 0.3:
            return self.run_in(f) if self.r.random() < 0.15 else self.synchronous(f)
        return super().leaf(f)

    def late_group(self, f):
        """A group that is used on after one of its tasks may have failed."""
        spawn = lambda: ["group_spawn", self.slot(), self.r.choice([self.r.randrange(f + 1, self.nfuncs), self.nfuncs - 1])]
        handlers = [[self.r.choice(["Cancelled", "Any"]), [spawn()], self.r.random() < 0.3]]
        return ["group", [spawn(), ["try", [self.leaf(f), ["sleep", 1]], handlers, None], spawn()]]

    def stmt(self, f, depth):
        if depth < 3 and self.about != "contexts" and self.r.random() < 0.16:
            return ["awith", self.r.randrange(self.nmanagers), self.block(f, depth + 1, self.r.randint(1, 3))]
        if depth < 3 and f + 1 < self.nfuncs and self.r.random() < 0.03:
            return self.late_group(f)
        return super().stmt(f, depth)

    def enter_below(self, funcs):
        """A task enters another context, and in it its own, or starts a task there."""
        r = self.r
        f = r.randrange(1, self.nfuncs)
        own = self.context()
        again = ["run_in", own, [self.synchronous(f)]]
        if f + 1 < self.nfuncs and r.random() < 0.5:
            again = ["spawn_in", self.slot(), r.randrange(f + 1, self.nfuncs), r.choice([None, True]), own]
        funcs[f].insert(0, ["run_in", 1 - own, [self.synchronous(f), again]])
        funcs[0].insert(2, ["spawn_in", self.slot(), f, r.choice([None, True, False]), own])

    def program(self):
        program = super().program()
        funcs = program["funcs"]
        last = self.nfuncs - 1
        if self.about != "managers":
            funcs[0][:0] = [["copy_context", 0], ["copy_context", 1]]
            if self.r.random() < 0.3:
                self.enter_below(funcs)
        if self.r.random() < 0.3:
            funcs[last].insert(self.r.randrange(2), ["raise", self.r.randrange(5)])
        # What a manager does must not be another manager: they would enter each other without end.
        leaf = lambda: self.gen_leaf(last)
        program["managers"] = [
            {
                "enter": [leaf() for _ in range(self.r.choice([0, 1, 1, 2]))],
                "exit": [leaf() for _ in range(self.r.choice([0, 1, 1, 2]))],
                "suppress": self.r.choice([None, None, *KINDS]),
            }
            for _ in range(self.nmanagers)
        ]
        program["eager"] = self.eager
        return program


def generate(seed, count):
    for i in range(count):
        ident = f"{seed}-{i}"
        yield ScopesGenerator(random.Random(ident), ident).program()


if __name__ == "__main__":
    for program in generate(sys.argv[1], int(sys.argv[2])):
        print(json.dumps(program, separators=(",", ":")))
