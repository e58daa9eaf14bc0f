package dev.simul.testing

import dev.simul.run

/**
 * Runs [body] as [dev.simul.run] would, on virtual time: it waits for no timer, and what it observes is exact.
 *
 * ```
 * runTest {
 *     sleep(1.hours)
 *     getRunningLoop().time() shouldBe 1.hours
 * }
 * ```
 *
 * Source: there is none in asyncio; the idea is trio's autojump clock.
 *
 * @param debug whether the loop is in debug mode; as it is made if null.
 * @return the result of [body].
 * @throws Deadlock if nothing can happen any more while [body] waits; all tasks are cancelled then.
 */
public fun <T> runTest(
    debug: Boolean? = null,
    body: suspend () -> T,
): T = run(debug, loopFactory = { VirtualClock().newLoop() }, main = body)
