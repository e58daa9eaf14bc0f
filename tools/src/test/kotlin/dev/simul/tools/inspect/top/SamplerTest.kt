// SPDX-License-Identifier: Apache-2.0
package dev.simul.tools.inspect.top

import dev.simul.tools.inspect.ObservedJvm
import io.kotest.assertions.throwables.shouldThrow
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.shouldBe
import java.io.ByteArrayOutputStream
import java.io.PrintStream
import java.lang.reflect.Proxy
import java.util.concurrent.TimeUnit
import javax.management.MBeanServerConnection
import kotlin.time.Duration.Companion.hours
import kotlin.time.Duration.Companion.seconds

class SamplerTest :
    FunSpec({
        /** This process, by a connection of which each use throws what [failure] returns. */
        fun failing(failure: () -> Throwable): ObservedJvm {
            val type = MBeanServerConnection::class.java
            val server = Proxy.newProxyInstance(type.classLoader, arrayOf(type)) { _, _, _ -> throw failure() }
            return ObservedJvm(ProcessHandle.current().pid(), server as MBeanServerConnection)
        }

        test("whatever a look fails with is its result, and the next look comes") {
            for (failure in listOf(IllegalStateException("no luck"), StackOverflowError("too deep"))) {
                val sampler = Sampler(failing { failure }, 1.hours)
                sampler.start()
                repeat(2) {
                    sampler.looks.poll(10, TimeUnit.SECONDS)?.exceptionOrNull() shouldBe failure
                    sampler.lookNow()
                }
            }
        }

        test("a batch ends with what a look fails with").config(timeout = 10.seconds, blockingTest = true) {
            val sampler = Sampler(failing { IllegalStateException("no luck") }, 1.hours)
            val batch = Batch(sampler, "1 Main", 1.hours, PrintStream(ByteArrayOutputStream()))
            shouldThrow<IllegalStateException> { batch.print(times = 1) }.message shouldBe "no luck"
        }
    })
