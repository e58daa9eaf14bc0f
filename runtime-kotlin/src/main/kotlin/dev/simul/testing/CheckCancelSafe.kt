// SPDX-License-Identifier: Apache-2.0
package dev.simul.testing

/**
 * Runs [program] repeatedly, cancels it in a different turn each time, and fails if it leaves anything behind.
 *
 * ```
 * checkCancelSafe {
 *     val (reader, writer) = openConnection("127.0.0.1", port)
 *     try {
 *         reader.readline()
 *     } finally {
 *         writer.close()
 *     }
 * }
 * ```
 *
 * First the program runs to its end. Then each run, on a loop of its own, cancels the program's task at the beginning of the next turn of
 * the loop: before the first step, while it waits, when it was woken and has not run yet; until a run ends before its turn has come. After
 * each run, nothing may be left that was not there before:
 * - tasks that are not done, timers, open transports, servers and files, readers and writers of channels, asynchronous generators that have
 *   begun and are not closed, child processes;
 * - descriptors of the process, sockets of a [network in memory][CancelOptions.network], and threads, other than those of pools;
 * - failures that were never retrieved, and errors that reached the loop's exception handler.
 *
 * And the program must end, cancelled or with a result. If it fails otherwise, or takes longer than [CancelOptions.turnLimit] or
 * [CancelOptions.timeLimit], that is reported too. Code that never gives up the turn cannot be stopped.
 *
 * asyncio has no equivalent.
 *
 * @param options how to run it.
 * @param check verifies what must hold after each run: it runs on the same loop, and is not cancelled.
 * @param program the program to cancel. It creates what it needs itself, since each run has another loop.
 * @throws AssertionError if there is a bad turn; it names, for each, the line that awaited, and what was left.
 */
public fun checkCancelSafe(
    options: CancelOptions = CancelOptions(),
    check: suspend () -> Unit = {},
    program: suspend () -> Unit,
): Unit = checkCancelSafe(setUp = {}, check = { check() }, options = options, program = { program() })

/**
 * As the other [checkCancelSafe], with a value that [setUp] makes for each run; only [program], which uses it, is cancelled.
 *
 * ```
 * checkCancelSafe(
 *     setUp = { Account(balance = 100) },
 *     check = { account -> account.balance shouldBe 100 },
 * ) { account ->
 *     account.transfer(10, to = account)
 * }
 * ```
 *
 * If [setUp] returns locks, conditions or semaphores, on their own or in a collection, a [Pair] or a [Triple], they must be as free after
 * the program as before.
 *
 * @param setUp creates what the program needs; it runs on the same loop, and is not cancelled.
 * @param check verifies what must hold after each run, and closes what [setUp] opened. It runs on the same loop, and is not cancelled.
 */
public fun <S> checkCancelSafe(
    setUp: suspend () -> S,
    check: suspend (S) -> Unit = {},
    options: CancelOptions = CancelOptions(),
    program: suspend (S) -> Unit,
) {
    CancelTrial(options, setUp, check, program).run()
}
