// SPDX-License-Identifier: Apache-2.0
package dev.simul.testing

import dev.simul.testing.network.MemoryNetwork
import kotlin.time.Duration

/**
 * Runs [body] as [dev.simul.run] would, on virtual time: it waits for no timer, and the times that it observes are exact.
 *
 * ```
 * @Test
 * fun `an hour passes at once`() = runTest {
 *     sleep(1.hours)
 *     getRunningLoop().time() shouldBe 1.hours
 * }
 * ```
 *
 * It always returns Unit: JUnit does not run tests that return a value. To get a value out, assign it to a variable outside; or call
 * `run(loopFactory = { VirtualClock().newLoop() }) { … }`, which is not a test.
 *
 * A test also fails if an error reaches the loop's exception handler before the loop has closed: the exception of a task or future that was
 * never retrieved, even if the task is still referenced, or any other. If that is intended, retrieve the exception (await the task, or read
 * its `exception()`), [expect][ReportedErrors.expect] it, or set the loop's [exceptionHandler][dev.simul.loop.EventLoop.exceptionHandler]
 * in the test, which then gets the errors instead.
 *
 * For several test functions on one loop, or the machine's clock, use a [TestRunner]; with JUnit or Kotest, the extensions of Simul.
 *
 * asyncio has no equivalent; the idea of the clock is trio's autojump clock.
 *
 * @param debug whether the loop is in debug mode; if null, unchanged.
 * @param clock the clock of the test's loop; it has no loop yet.
 * @throws Deadlock if nothing more can happen while [body] waits; all tasks are then cancelled.
 * @throws AssertionError if errors were reported to the loop's exception handler; if [body] fails too, its failure is thrown, with this
 *   error suppressed in it.
 */
public fun runTest(
    debug: Boolean? = null,
    clock: VirtualClock = VirtualClock(),
    body: suspend () -> Unit,
): Unit = TestRunner(clock, Duration.INFINITE, debug).use { it.run(main = body) }

/**
 * As the other [runTest], with sockets on a [network] in memory: servers and connections take no real time, and a test in which nothing more
 * can happen fails at once although sockets are waited for.
 *
 * ```
 * @Test
 * fun `an hour passes between two lines`() = runTest(MemoryNetwork()) {
 *     startServer("127.0.0.1", 80) { _, writer ->
 *         sleep(1.hours)
 *         writer.write("late\n".encodeToByteArray())
 *         writer.close()
 *     }
 *     val (reader, writer) = openConnection("127.0.0.1", 80)
 *     reader.readline().decodeToString() shouldBe "late\n"
 *     writer.aclose()
 *     getRunningLoop().time() shouldBe 1.hours
 * }
 * ```
 */
public fun runTest(
    network: MemoryNetwork,
    debug: Boolean? = null,
    body: suspend () -> Unit,
): Unit = runTest(debug, VirtualClock(selectorProvider = network), body)
