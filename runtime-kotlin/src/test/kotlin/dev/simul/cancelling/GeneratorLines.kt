// SPDX-License-Identifier: Apache-2.0
package dev.simul.cancelling

import dev.simul.AsyncCloseable
import dev.simul.aclosing
import dev.simul.generators.AsyncExitStack
import dev.simul.generators.AsyncGenerator
import dev.simul.generators.anext
import dev.simul.generators.asyncContextManager
import dev.simul.generators.asyncGeneratorReceiving
import dev.simul.generators.enterAsyncContext
import dev.simul.generators.generator
import dev.simul.generators.nullContext
import dev.simul.sleep
import dev.simul.use
import io.kotest.matchers.shouldBe
import java.io.IOException
import kotlin.time.Duration

/** Two numbers, with a wait before each, and one at the end. */
private fun numbers(): AsyncGenerator<Int, String> =
    asyncGeneratorReceiving {
        try {
            sleep(SECOND)
            try {
                yield(1)
            } catch (_: IOException) {
                sleep(Duration.ZERO)
            }
            sleep(SECOND)
            yield(2)
        } finally {
            sleep(Duration.ZERO)
        }
    }

private class Closeable : AsyncCloseable {
    override suspend fun aclose() = sleep(Duration.ZERO)
}

private fun manager() =
    asyncContextManager {
        sleep(SECOND)
        try {
            yield(1)
        } finally {
            sleep(SECOND)
        }
    }

/** Generators and context managers: all of them are closed in the end. */
internal fun CancelTable.generators() {
    line("AsyncGenerator.anext", "AsyncGenerator.aclose", "AsyncGeneratorScope.yield", "AsyncCloseable.aclose") {
        aclosing(numbers()) {
            it.anext() shouldBe 1
            it.anext(0) shouldBe 2
            it.anext(0) shouldBe 0
        }
    }
    line("AsyncGenerator.asend", "AsyncGenerator.athrow", "aclosing", "acloseAfter") {
        aclosing(numbers()) {
            it.asend(null) shouldBe 1
            it.athrow(IOException("of the test")) shouldBe 2
        }
    }
    line("AsyncGenerator.collect") { numbers().collect { sleep(Duration.ZERO) } }
    line("anext", "AsyncIterator.hasNext") {
        aclosing(numbers()) {
            val iterator = it.iterator()
            iterator.anext() shouldBe 1
            iterator.anext(0) shouldBe 2
            iterator.hasNext() shouldBe false
        }
    }
    line("GeneratorScope.yield", "GeneratorScope.yieldFrom") {
        val numbers =
            generator<Int, Nothing, Unit> {
                yield(1)
                yieldFrom(listOf(2, 3))
                yieldFrom(generator { yield(4) })
            }
        for (number in numbers) sleep(Duration.ZERO)
    }
    line("use", "aexitAfter", "AsyncGeneratorContextManager.aenter") { manager().use { sleep(SECOND) } }
    line("AsyncExitStack.use", "AsyncExitStack.enterAsyncContext", "enterAsyncContext") {
        AsyncExitStack().use { stack ->
            stack.enterAsyncContext(manager())
            stack.enterAsyncContext(Closeable())
            stack.enterAsyncContext(numbers()).anext()
        }
    }
    line("AsyncExitStack.aenter", "AsyncExitStack.aexit", "AsyncExitStack.aclose") {
        val stack = AsyncExitStack()
        stack.aenter()
        try {
            stack.enterAsyncContext(manager())
        } finally {
            stack.aexit(null)
            stack.aclose()
        }
    }
    line("NullContext.aenter", "NullContext.aexit") {
        val context = nullContext(1)
        context.aenter()
        sleep(Duration.ZERO)
        context.aexit(null)
    }
}
