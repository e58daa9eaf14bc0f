// SPDX-License-Identifier: Apache-2.0
package dev.simul.junit.docs

import dev.simul.createTask
import dev.simul.junit.AsyncTest
import dev.simul.sleep
import org.junit.jupiter.api.Assertions.assertEquals
import kotlin.time.Duration.Companion.seconds

class FetchTest {
    private suspend fun fetch(name: String): String {
        sleep(1.seconds)
        return "$name.html"
    }

    @AsyncTest
    suspend fun `two pages are fetched`() {
        val first = createTask { fetch("first") }
        val second = createTask { fetch("second") }
        assertEquals("first.html second.html", "${first.await()} ${second.await()}")
    }
}
