// SPDX-License-Identifier: Apache-2.0
package dev.simul.testing

import dev.simul.run

/**
 * Runs [body] as [dev.simul.run] would, on virtual time: it waits for no timer, and what it observes is exact.
 *
 * ```
 * @Test
 * fun `an hour passes at once`() = runTest {
 *     sleep(1.hours)
 *     getRunningLoop().time() shouldBe 1.hours
 * }
 * ```
 *
 * It returns nothing, whatever [body] ends with: JUnit does not run tests that return something. To get a value out, assign it to a
 * variable outside; or call `run(loopFactory = { VirtualClock().newLoop() }) { … }`, which is no test.
 *
 * A test also fails by what nobody else can receive: the exception of a task or future that failed and was never retrieved, even if it
 * is still referenced, and whatever else reaches the loop's exception handler, until the loop has closed. If that is meant, retrieve the
 * exception (await the task, or ask for its `exception()`), or set the loop's
 * [exceptionHandler][dev.simul.loop.EventLoop.exceptionHandler] in the test, which then gets the errors instead.
 *
 * Source: there is none in asyncio; the idea of the clock is trio's autojump clock.
 *
 * @param debug whether the loop is in debug mode; as it is made if null.
 * @param clock the clock of the test's loop; it has no loop yet.
 * @throws Deadlock if nothing can happen any more while [body] waits; all tasks are cancelled then.
 * @throws AssertionError if errors were reported to the loop's exception handler; if [body] fails too, that is thrown, with this
 *   suppressed in it.
 */
public fun runTest(
    debug: Boolean? = null,
    clock: VirtualClock = VirtualClock(),
    body: suspend () -> Unit,
) {
    val errors = ReportedErrors()
    errors.during { run(debug, loopFactory = { clock.newLoop().apply { exceptionHandler = errors } }, main = body) }
}
