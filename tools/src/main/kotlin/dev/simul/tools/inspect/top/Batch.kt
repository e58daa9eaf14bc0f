// SPDX-License-Identifier: Apache-2.0
package dev.simul.tools.inspect.top

import dev.simul.tools.inspect.Palette
import java.io.PrintStream
import kotlin.time.Duration

/** As in `top -b`: what it shows, one look after the other. */
internal class Batch(
    private val sampler: Sampler,
    private val program: String,
    private val interval: Duration,
    private val out: PrintStream,
) {
    /** The first look alone tells no shares; so it is not shown. */
    fun print(times: Int?) {
        sampler.start()
        var before = sampler.looks.take().getOrThrow()
        var printed = 0
        while ((times == null || printed < times) && !out.checkError()) {
            val now = sampler.looks.take().getOrThrow()
            if (printed++ > 0) out.println()
            TopScreen(null, null, Palette.PLAIN).draw(TopView(program, "$interval", now, Activity(before, now))).forEach(out::println)
            out.flush()
            before = now
        }
    }
}
