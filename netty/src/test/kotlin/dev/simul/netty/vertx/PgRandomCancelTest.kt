// SPDX-License-Identifier: Apache-2.0
package dev.simul.netty.vertx

import dev.simul.createTask
import dev.simul.exceptions.CancelledException
import dev.simul.house.Soak
import dev.simul.loop.EventLoop
import dev.simul.netty.NeedingPostgres
import dev.simul.netty.PostgresServer
import dev.simul.netty.onLoop
import dev.simul.netty.recordReports
import dev.simul.sleep
import io.kotest.assertions.withClue
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.collections.shouldBeEmpty
import io.kotest.matchers.ints.shouldBeGreaterThan
import io.kotest.matchers.shouldBe
import io.vertx.pgclient.PgException
import io.vertx.sqlclient.Pool
import kotlin.random.Random
import kotlin.time.Duration
import kotlin.time.Duration.Companion.microseconds

class PgRandomCancelTest :
    FunSpec({
        extension(NeedingPostgres)

        test("commands that are cancelled at random moments, with a server restarted in the middle, are answered, failed or cancelled") {
            val seed = Random.nextLong()
            PostgresServer.start().use { server -> withClue("seed $seed") { onLoop { cancelAtRandom(server, Random(seed)) } } }
        }
    })

private suspend fun EventLoop.cancelAtRandom(
    server: PostgresServer,
    random: Random,
) {
    val reports = recordReports()
    val outcomes = IntArray(3)
    val each = Soak.of(20_000) / WORKERS
    usePool(server.options, size = 4) { pool ->
        val workers =
            List(WORKERS) {
                createTask {
                    repeat(each) { number ->
                        val command = createTask { command(pool, random, number) }
                        if (random.nextBoolean()) {
                            pause(random)
                            command.cancel()
                        }
                        try {
                            command.await()
                            outcomes[ANSWERED]++
                        } catch (_: CancelledException) {
                            outcomes[CANCELLED]++
                        } catch (_: Exception) {
                            outcomes[FAILED]++
                            pause(random)
                        }
                    }
                }
            }
        while (outcomes.sum() < each * WORKERS / 2) sleep(100.microseconds)
        server.stop()
        server.start()
        workers.forEach { it.await() }
        outcomes.sum() shouldBe each * WORKERS
        outcomes[ANSWERED] shouldBeGreaterThan 0
        outcomes[CANCELLED] shouldBeGreaterThan 0
        untilSo { pool.valueAtLast("SELECT count(*) FROM pg_stat_activity WHERE state LIKE 'idle in transaction%'") == 0L }
        List(4) { createTask { pool.valueAtLast("SELECT 1") } }.forEach { it.await() shouldBe 1 }
    }
    useConnectionTo(server.options) { it.awaitNoOthers() }
    reports.shouldBeEmpty()
}

private suspend fun command(
    pool: Pool,
    random: Random,
    number: Int,
) {
    when (random.nextInt(4)) {
        0 -> pool.value("SELECT $1::int4", number) shouldBe number
        1 -> useConnection(pool.connection) { it.value("SELECT $1::int4", number) shouldBe number }
        2 -> useConnection(pool.connection) { connection -> transaction(connection) { connection.value("SELECT 1") shouldBe 1 } }
        else -> useConnection(pool.connection) { await(it.query("SELECT pg_sleep(0.0005)").execute(), it) }
    }
}

/** As [value], asked again where the last request to cancel comes after its query has ended, and cancels this one, as [await] says. */
private suspend fun Pool.valueAtLast(sql: String): Any? {
    while (true) {
        try {
            return value(sql)
        } catch (e: PgException) {
            if (e.sqlState != QUERY_CANCELED) throw e
        }
    }
}

private suspend fun pause(random: Random) =
    if (random.nextInt(3) == 0) repeat(random.nextInt(10)) { sleep(Duration.ZERO) } else sleep(random.nextInt(500).microseconds)

private const val QUERY_CANCELED = "57014"
private const val WORKERS = 8
private const val ANSWERED = 0
private const val CANCELLED = 1
private const val FAILED = 2
