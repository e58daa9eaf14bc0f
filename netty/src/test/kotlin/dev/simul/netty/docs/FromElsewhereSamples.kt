// SPDX-License-Identifier: Apache-2.0
package dev.simul.netty.docs

import dev.simul.createTask
import dev.simul.generators.asyncGenerator
import dev.simul.generators.toPublisher
import dev.simul.netty.vertx.await
import dev.simul.netty.vertx.vertx
import dev.simul.reactivestreams.awaitSingle
import dev.simul.reactivestreams.toAsyncGenerator
import dev.simul.sleep
import dev.simul.toCompletableFuture
import dev.simul.toThread
import dev.simul.wrapFuture
import reactor.adapter.JdkFlowAdapter
import reactor.core.publisher.Flux
import reactor.core.publisher.Mono
import java.time.Duration.ofMillis
import java.util.concurrent.CompletableFuture
import java.util.concurrent.TimeUnit.MILLISECONDS
import kotlin.time.Duration.Companion.milliseconds
import io.vertx.core.Future as VertxFuture

// How tasks in Kotlin wait for what other systems give, and the other way round; MirrorsTest runs it, DocsTest compares.

suspend fun withStages() {
    val theirs = CompletableFuture.supplyAsync { "theirs" }
    println(wrapFuture(theirs).await())
    val ours =
        createTask {
            sleep(10.milliseconds)
            "ours"
        }
    val stage: CompletableFuture<String> = ours.toCompletableFuture()
    println(toThread { stage.join() })
}

suspend fun withReactor() {
    println(awaitSingle(Mono.just("theirs").delayElement(ofMillis(10))))
    for (item in Flux.range(1, 3).toAsyncGenerator()) {
        println(item)
    }
    val ours =
        createTask {
            sleep(10.milliseconds)
            "ours"
        }
    println(awaitSingle(Mono.fromFuture(ours.toCompletableFuture()).map { it.uppercase() }))
    val numbers =
        asyncGenerator<Int> {
            for (i in 1..3) {
                sleep(10.milliseconds)
                yield(i)
            }
        }
    println(awaitSingle(JdkFlowAdapter.flowPublisherToFlux(numbers.toPublisher()).reduce(Int::plus)))
}

suspend fun withVertx() {
    println(await(vertx().timer(10, MILLISECONDS).map("theirs")))
    val ours =
        createTask {
            sleep(10.milliseconds)
            "ours"
        }
    println(await(VertxFuture.fromCompletionStage(ours.toCompletableFuture()).map { it.uppercase() }))
}
