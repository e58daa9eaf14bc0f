// SPDX-License-Identifier: Apache-2.0
package dev.simul.http.docs

import io.kotest.core.spec.style.FunSpec
import io.kotest.core.test.Enabled
import io.kotest.matchers.collections.shouldContainExactly
import io.kotest.matchers.shouldBe
import java.io.File
import java.net.URI
import java.net.http.HttpClient
import java.net.http.HttpRequest
import java.net.http.HttpResponse.BodyHandlers
import java.util.concurrent.TimeUnit

class ServiceTest :
    FunSpec({
        val windows = System.getProperty("os.name").startsWith("Windows")
        val signals = { _: Any -> if (windows) Enabled.disabled("there are no signals") else Enabled.enabled }

        test("the service says that it is draining, answers all the same, and ends with status 0").config(enabledOrReasonIf = signals) {
            val service = started("127.0.0.1", "0", "1s")
            try {
                val said = service.inputReader()
                // A JVM may have something to say before its program has.
                val port = generateSequence { said.readLine() }.first { it.startsWith(LISTENING) }.removePrefix(LISTENING)
                val address = "http://127.0.0.1:$port"
                get("$address/live") shouldBe "200 alive"
                get("$address/ready") shouldBe "200 ready"
                get("$address/nowhere") shouldBe "404 not found"
                service.toHandle().destroy() // Sends TERM, and leaves its output open.
                said.readLine() shouldBe "draining"
                get("$address/ready") shouldBe "503 draining"
                get("$address/work") shouldBe "200 done"
                said.readLines() shouldContainExactly listOf("stopped")
                service.waitFor(1, TimeUnit.MINUTES) shouldBe true
                service.exitValue() shouldBe 0
            } finally {
                service.destroyForcibly()
            }
        }
    })

private const val LISTENING = "listening at "

private fun started(vararg arguments: String): Process {
    val java = File(System.getProperty("java.home"), "bin/java").path
    val classPath = System.getProperty("java.class.path")
    return ProcessBuilder(java, "-XX:TieredStopAtLevel=1", "-cp", classPath, "dev.simul.http.docs.ServiceKt", *arguments)
        .redirectErrorStream(true)
        .start()
}

private fun get(address: String): String {
    val response = HttpClient.newHttpClient().send(HttpRequest.newBuilder(URI.create(address)).build(), BodyHandlers.ofString())
    return "${response.statusCode()} ${response.body()}"
}
