// SPDX-License-Identifier: Apache-2.0
package dev.simul.benchmarks.report

/** Why a peer is ahead in a row: said where it is ahead, and nowhere else. */
internal object Reasons {
    private class Reason(
        val part: Regex,
        val row: Regex,
        val program: Regex,
        val text: String,
    )

    private val all =
        listOf(
            Reason(
                Regex("core"),
                Regex("generatorItems"),
                Regex("kotlinx.*"),
                "A flow is not iterated: `emit` calls the collector's lambda, which the compiler may inline. A generator is " +
                    "asked for each item by `for`, so two coroutines are suspended and resumed for each. The row by `collect` below" +
                    " is the like of `collect`.",
            ),
            Reason(
                Regex("core"),
                Regex("generatorCollect|generatorYieldingItems"),
                Regex("kotlinx.*"),
                "A flow is no object that anybody else can ask, send into or close, so `emit` need do no more than call the " +
                    "collector. A generator keeps asyncio's states (`asend`, `athrow`, `aclose`, one running `anext`), and checks" +
                    " them for each item.",
            ),
            Reason(
                Regex("core"),
                Regex("generator.*"),
                Regex("asyncio|uvloop|node"),
                "These generators are stepped by the interpreter itself, without a call through a scheduler or a resumed " +
                    "coroutine.",
            ),
            Reason(
                Regex("core"),
                Regex("createEagerAndAwait"),
                Regex("node"),
                "Node's asynchronous function that ends without waiting is an ordinary call with a promise around its result;" +
                    " there is no task.",
            ),
            Reason(
                Regex("core|growth"),
                Regex("manyAlive|cancelSleeping|\\d+"),
                Regex("kotlinx.*|tokio|go|node"),
                "With 100,000 tasks and more alive, memory decides: each task is touched again when it is no longer in the " +
                    "processor's cache, and what the collector copies counts, too.",
            ),
            Reason(
                Regex("growth"),
                Regex("100"),
                Regex(".*"),
                "At 100 tasks a program does little but start and close its loop. Simul's opens a selector and a pipe to be " +
                    "woken by.",
            ),
            Reason(
                Regex("bodies"),
                Regex("yield.*|createAndAwait"),
                Regex("virtual"),
                "A virtual thread alone has no loop: a yield puts it at the end of the scheduler's queue. A body's `await` is" +
                    " a task's step, too, with a context, a cancellation and a turn of the loop, and its carrier hands the loop " +
                    "over.",
            ),
            Reason(
                Regex("echo"),
                Regex("1000/.*"),
                Regex("bare"),
                "The bare loop has one buffer for all connections, which stays in the processor's cache, and keeps no state " +
                    "for any of them.",
            ),
            Reason(
                Regex("echo"),
                Regex(".*"),
                Regex("bare"),
                "The bare loop has no transport, no flow control and no task; it shows what a selector can do.",
            ),
            Reason(
                Regex("echo"),
                Regex(".*"),
                Regex("go|tokio"),
                "Compiled ahead of time, these call `epoll` and `read` without what the JDK's selector adds: a set of keys, a" +
                    " lock for each, and a copy into memory outside the heap where an array is used.",
            ),
            Reason(
                Regex("tls"),
                Regex(".*"),
                Regex("asyncio.*|uvloop.*|node|go"),
                "The time goes into the cipher: OpenSSL and Go encrypt in hand-written assembly, in place. The JDK's " +
                    "`SSLEngine` copies each record, and makes objects for it.",
            ),
            Reason(
                Regex("memory"),
                Regex("timer|sleepingTask|parkedTask"),
                Regex("go|tokio|asyncio|uvloop|node"),
                "Resident memory and heap are measured differently: what such a runtime reuses of memory that it already has " +
                    "does not show.",
            ),
            Reason(
                Regex("startup"),
                Regex(".*"),
                Regex("asyncio|uvloop|node|go|tokio"),
                "Most of it is the JVM's own start, as the first line shows; the rest is loading and interpreting classes " +
                    "that are compiled nowhere yet.",
            ),
            Reason(
                Regex("startup"),
                Regex(".*"),
                Regex("jvm.*"),
                "The bare program loads none of the loop's classes, and opens no selector.",
            ),
            Reason(
                Regex("startup"),
                Regex(".*"),
                Regex("kotlinx.*"),
                "`runBlocking` opens no selector, and looks for no signals.",
            ),
        )

    /** Null where nobody has found one. */
    fun of(
        part: String,
        lost: LostRow,
    ): String? = all.firstOrNull { it.part.matches(part) && it.row.matches(lost.row.key) && it.program.matches(lost.other.key) }?.text
}
