// SPDX-License-Identifier: Apache-2.0
package dev.simul.demo.gallery.fluent

import dev.simul.demo.gallery.run
import dev.simul.generators.asyncContextManager
import dev.simul.generators.toAsyncGenerator
import dev.simul.use
import io.r2dbc.spi.ConnectionFactories
import io.r2dbc.spi.ConnectionFactory
import kotlinx.coroutines.reactive.awaitFirstOrNull
import kotlinx.coroutines.reactive.awaitSingle
import org.reactivestreams.FlowAdapters

private fun ConnectionFactory.acquire() =
    asyncContextManager {
        val conn = create().awaitSingle()
        try {
            yield(conn)
        } finally {
            conn.close().awaitFirstOrNull()
        }
    }

private suspend fun go() {
    val pool = ConnectionFactories.get("r2dbc:h2:mem:///cursor")
    pool.acquire().use { conn ->
        for (query in listOf("SELECT 1", "SELECT x * x FROM system_range(1, 3)")) {
            val cur = conn.createStatement(query).execute().awaitSingle()
            val ret = mutableListOf<Any?>()
            val rows = FlowAdapters.toFlowPublisher(cur.map { row, _ -> row.get(0)!! }).toAsyncGenerator()
            for (row in rows) ret += row
            println(ret)
        }
    }
}

internal fun cursor() = run { go() }
