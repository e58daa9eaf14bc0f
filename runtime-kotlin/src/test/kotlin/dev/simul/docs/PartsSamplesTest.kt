// SPDX-License-Identifier: Apache-2.0
package dev.simul.docs

import dev.simul.aclosing
import dev.simul.loop.EventLoop
import dev.simul.loop.getRunningLoop
import dev.simul.net.RecordingProvider
import dev.simul.net.SocketPair
import dev.simul.net.onLoop
import dev.simul.net.port
import dev.simul.net.until
import dev.simul.runUntilComplete
import dev.simul.sleep
import dev.simul.streams.openConnection
import dev.simul.streams.startServer
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.collections.shouldContain
import io.kotest.matchers.shouldBe
import kotlin.concurrent.thread
import kotlin.random.Random
import kotlin.time.Duration.Companion.hours

class PartsSamplesTest :
    FunSpec({
        test("a loop has its own parts") {
            val provider = RecordingProvider()
            val drawn =
                runOnPartsOfMyOwn(provider) {
                    sleep(1.hours)
                    aclosing(
                        startServer("db.test", 0) { _, writer -> writer.close() },
                    ) { openConnection("db.test", it.port).writer.aclose() }
                    getRunningLoop().random.nextInt()
                }
            drawn shouldBe Random(42).nextInt()
            provider.opened shouldContain "socket INET"
        }

        test("another library's channel is drained, and closed from any thread") {
            onLoop { loop ->
                SocketPair().use { pair ->
                    val drain = Drain(loop, pair.near)
                    pair.send("one")
                    until { drain.received.size() == 3 }
                    thread { drain.close() }.join()
                    until { !pair.near.isOpen }
                    drain.received.toString() shouldBe "one"
                }
                SocketPair().use { pair ->
                    Drain(loop, pair.near)
                    pair.far.close()
                    until { !pair.near.isOpen }
                }
            }
        }

        test("another library's channel goes with the loop") {
            SocketPair().use { pair ->
                EventLoop().use { loop -> loop.runUntilComplete { Drain(loop, pair.near) } }
                pair.near.isOpen shouldBe false
            }
        }
    })
