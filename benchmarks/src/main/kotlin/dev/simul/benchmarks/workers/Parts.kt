// SPDX-License-Identifier: Apache-2.0
package dev.simul.benchmarks.workers

import dev.simul.benchmarks.peers.Options
import dev.simul.benchmarks.peers.median

/** Lines a second of handlers that burn 200 µs each. */
internal class BurnPart(
    private val load: Load,
    private val options: Options,
) {
    fun run() {
        val times = Burn.timesFor(MICROS)
        val machine = Burn(times).let { it.rate(2) / it.rate(1) }
        println("Handlers that burn $MICROS µs: lines a second, and the ratio to one worker")
        val shapes = listOf(Shape.LOOP, Shape.WORKER, Shape.WORKERS)
        val rates =
            options.inRounds(shapes) { shape ->
                load.serving(shape, "$times") {
                    it.echo(CONNECTIONS, WARM_UP)
                    it.echo(CONNECTIONS, MEASURED).first
                }
            }
        for (shape in shapes) {
            val rate = rates.getValue(shape).median()
            println("  %-12s %8d  %5.2f".format(shape, rate, rate.toDouble() / rates.getValue(Shape.WORKER).median()))
        }
        println("  two threads that only burn, beside one: %.2f\n".format(machine))
    }

    private companion object {
        const val MICROS = 200
        const val CONNECTIONS = 16
        const val WARM_UP = 4
        const val MEASURED = 6
    }
}

/** The server's processor time for each echo of 64 bytes. */
internal class EchoPart(
    private val load: Load,
    private val options: Options,
    private val isApart: Boolean,
) {
    fun run() {
        val where = if (isApart) "apart" else "together"
        println("Echoes of 64 bytes, server and load $where, $CONNECTIONS connections for each loop:")
        println("messages a second, and the server's processor time for each in ns,")
        println("with its ratio to a loop, and to as many loops without a supervisor")
        val shapes = listOf(Shape.LOOP, Shape.WORKER, Shape.LOOPS, Shape.WORKERS)
        val found =
            options.inRounds(shapes) { shape ->
                load.serving(shape, "echo") {
                    it.echo(CONNECTIONS * shape.loops, WARM_UP)
                    if (isApart) {
                        it.setApart()
                        it.echo(CONNECTIONS * shape.loops, SETTLING)
                    }
                    it.echo(CONNECTIONS * shape.loops, MEASURED)
                }
            }
        val nanos = found.mapValues { (_, rounds) -> rounds.map { it.second }.median() }
        for (shape in shapes) {
            val rate = found.getValue(shape).map { it.first }.median()
            val cost = nanos.getValue(shape).toDouble()
            val peer = if (shape.loops == 1) Shape.LOOP else Shape.LOOPS
            println(
                "  %-12s %8d %8.0f  %5.2f  %5.2f".format(shape, rate, cost, cost / nanos.getValue(Shape.LOOP), cost / nanos.getValue(peer)),
            )
        }
        println()
    }

    private companion object {
        const val CONNECTIONS = 64
        const val WARM_UP = 4
        const val SETTLING = 1
        const val MEASURED = 5
    }
}

/** Connections a second, and their balance, by each way to share a listener. */
internal class AcceptPart(
    private val load: Load,
    private val options: Options,
) {
    private class Found(
        val rate: Long,
        val most: Long,
        val kept: List<Long>,
    )

    fun run() {
        println(
            "Connections: a second, $AT_ONCE at a time; the most that one loop had, in percent; of $KEPT that stay, opened $TRIALS times,",
        )
        println("the most that one loop had: the median, and the worst")
        val shapes = listOf(Shape.LOOP, Shape.WORKERS, Shape.LOOPS, Shape.SELECTORS)
        val found = options.inRounds(shapes) { shape -> load.serving(shape, "greet", ::measure) }
        for (shape in shapes) {
            val rounds = found.getValue(shape)
            val kept = rounds.flatMap { it.kept }
            println(
                "  %-22s %8d %6d %% %6d %6d".format(
                    shape,
                    rounds.map { it.rate }.median(),
                    rounds.map { it.most }.median(),
                    kept.median(),
                    kept.max(),
                ),
            )
        }
        println()
    }

    private fun measure(server: Load.Serving): Found {
        server.connect(AT_ONCE, WARM_UP)
        val counts = server.connect(AT_ONCE, MEASURED)
        val shares = counts.drop(1)
        val kept = List(TRIALS) { server.connect(KEPT, 0).drop(1).max() }
        return Found(counts.first(), shares.max() * 100 / shares.sum(), kept)
    }

    private companion object {
        const val AT_ONCE = 32
        const val KEPT = 64
        const val TRIALS = 20
        const val WARM_UP = 4
        const val MEASURED = 5
    }
}
