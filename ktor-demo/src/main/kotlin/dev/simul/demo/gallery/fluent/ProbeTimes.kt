// SPDX-License-Identifier: Apache-2.0
package dev.simul.demo.gallery.fluent

import dev.simul.coroutine
import dev.simul.demo.gallery.Time.perfCounter
import dev.simul.demo.gallery.run
import dev.simul.gather

private val domains = listOf("def.dev", "in.dev", "for.dev", "as.dev", "is.dev", "try.dev", "and.dev", "not.dev", "true.dev")

internal fun probeTimes() =
    run {
        var start = perfCounter()
        for (domain in domains) probe(domain)
        println("one after the other: %.1f s".format(perfCounter() - start))
        start = perfCounter()
        gather(domains.map { domain -> coroutine { probe(domain) } }).await()
        println("all at once: %.1f s".format(perfCounter() - start))
        start = perfCounter()
        probe("true.dev")
        println("the slowest one: %.1f s".format(perfCounter() - start))
    }
