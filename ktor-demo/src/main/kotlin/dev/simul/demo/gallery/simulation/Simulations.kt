// SPDX-License-Identifier: Apache-2.0
package dev.simul.demo.gallery.simulation

import dev.simul.demo.gallery.Article
import dev.simul.demo.gallery.Program

internal val simulations =
    Article(
        "Simulated systems",
        null,
        "simulation",
        listOf(
            Program(
                "replicated-store",
                "Three servers agree on a log by Raft, while they crash and cables are pulled.",
                ::replicatedStore,
                ReplicatedStore::main,
                note =
                    "[Simulation](guide/simulation.md#a-replicated-store) explains it. The environment variable `SIMUL_SEED` chooses " +
                        "another run, `--seeds 10000` makes many, `--bug NAME` plants a mistake and finds it, and `--real` uses real " +
                        "sockets.",
                command = ::StoreCommand,
            ),
        ),
        "Whole distributed systems on virtual time, decided by a seed.",
        hasPython = false,
    )
