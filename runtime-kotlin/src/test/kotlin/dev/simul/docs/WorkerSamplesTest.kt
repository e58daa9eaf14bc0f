// SPDX-License-Identifier: Apache-2.0
package dev.simul.docs

import dev.simul.IgnoredSignals
import dev.simul.createTask
import dev.simul.exceptions.CancelledException
import dev.simul.net.freePort
import dev.simul.net.onSockets
import dev.simul.sleep
import dev.simul.streams.openConnection
import dev.simul.workers.Supervisor
import io.kotest.assertions.throwables.shouldThrow
import io.kotest.core.spec.style.FunSpec
import io.kotest.core.test.Enabled
import io.kotest.matchers.collections.shouldContainExactly
import io.kotest.matchers.string.shouldMatch
import java.net.ConnectException
import kotlin.concurrent.thread
import kotlin.time.Duration.Companion.milliseconds

class WorkerSamplesTest :
    FunSpec({
        test("four workers greet clients in turn, until the program is told to end") {
            val port = freePort()
            val program = thread { runCatching { greetOnAllCores(port) } }
            onSockets { greeted(port, "Ada") shouldMatch Regex("Hello Ada, from simul-worker-[1-4]") }
            program.interrupt()
            program.join()
            onSockets { shouldThrow<ConnectException> { openConnection("127.0.0.1", port) } }
        }

        test("a supervisor replaces its workers when it is told to").config(
            enabledOrReasonIf = { IgnoredSignals.obstacle?.let(Enabled::disabled) ?: Enabled.enabled },
        ) {
            val port = freePort()
            onSockets {
                val serving = createTask { greetAndReload(port) }
                greeted(port, "Ada") shouldMatch Regex("Hello Ada, from simul-worker-[12]")
                serving.cancel()
                shouldThrow<CancelledException> { serving.await() }
            }
        }

        test("a supervisor's workers are described") {
            val port = freePort()
            onSockets {
                val supervisor = Supervisor(2) { greetClients(port) }
                supervisor.start()
                supervisor.waitServing()
                greeted(port, "Ada")
                describeWorkers(supervisor).map { it.substringBefore(':') } shouldContainExactly
                    listOf("simul-worker-1 1 RUNNING", "simul-worker-2 1 RUNNING")
                supervisor.shutdown()
            }
        }
    })

/** What the server says, once it is there. */
private suspend fun greeted(
    port: Int,
    name: String,
): String {
    while (true) {
        try {
            val (reader, writer) = openConnection("127.0.0.1", port)
            writer.write("$name\n".toByteArray())
            return reader.readline().decodeToString().trim().also { writer.aclose() }
        } catch (_: ConnectException) {
            sleep(5.milliseconds)
        }
    }
}
