// SPDX-License-Identifier: Apache-2.0
package dev.simul.demo.gallery.drivers

import dev.simul.demo.gallery.Article
import dev.simul.demo.gallery.Program
import kotlin.time.Duration.Companion.seconds

internal val drivers =
    Article(
        "Drivers on the loop",
        null,
        "drivers",
        listOf(
            Program(
                "redis",
                "Workers take jobs from a queue in Redis, and tell their progress by publishing it.",
                ::redis,
                Redis::main,
                note = "[Redis](guide/redis.md) explains each part. The program starts a server of its own, and stops it.",
                inAnyOrder = true,
                patience = 30.seconds,
                needs = redisServer,
            ),
            Program(
                "postgres",
                "A pool, transactions, notifications and a cursor of PostgreSQL (Vert.x's client).",
                ::postgres,
                Postgres::main,
                note = "[PostgreSQL](guide/postgresql.md) explains each part. The program starts a server of its own, and stops it.",
                patience = 30.seconds,
                needs = postgresServer,
            ),
            Program(
                "grpc",
                "Calls of gRPC of each kind, answered by tasks, and one that the client gives up.",
                ::grpc,
                Grpc::main,
                note = "[gRPC](guide/grpc.md) explains each part.",
                patience = 1.seconds,
            ),
            Program(
                "mongo",
                "Tasks insert, find and change documents in MongoDB, and go through a cursor.",
                ::mongo,
                Mongo::main,
                note = "[MongoDB](guide/mongodb.md) explains each part. The program starts a server of its own, and stops it.",
                patience = 30.seconds,
                needs = mongoServer,
            ),
        ),
        "They talk to servers by drivers that stand on Netty, whose event loop is the program's own. Each starts the server that it " +
            "needs, for itself, and stops it.",
        hasPython = false,
    )
