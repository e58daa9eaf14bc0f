// SPDX-License-Identifier: Apache-2.0
package dev.simul.kotest.docs

import dev.simul.createTask
import dev.simul.kotest.SimulExtension
import dev.simul.loop.getRunningLoop
import dev.simul.sleep
import dev.simul.streams.startServer
import dev.simul.testing.ReportedErrors
import dev.simul.testing.expect
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.shouldBe
import java.io.IOException
import kotlin.time.Duration.Companion.hours

class SleepTest :
    FunSpec({
        extension(SimulExtension())

        test("an hour passes at once") {
            sleep(1.hours)
            getRunningLoop().time() shouldBe 1.hours
        }

        test("a failure that is meant") {
            ReportedErrors.ofRunningTest().expect<IOException>()
            createTask { throw IOException("boom") }
        }

        test("real sockets").config(extensions = listOf(SimulExtension(realTime = true))) {
            val server = startServer("127.0.0.1", 0) { _, writer -> writer.close() }
            server.isServing shouldBe true
        }
    })
