// SPDX-License-Identifier: Apache-2.0
package dev.simul.http.jdk

import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.shouldBe
import java.net.http.HttpClient
import java.net.http.HttpHeaders
import java.net.http.HttpRequest.BodyPublisher
import java.net.http.HttpRequest.BodyPublishers
import java.net.http.HttpResponse.BodyHandler
import java.net.http.HttpResponse.BodyHandlers
import java.net.http.HttpResponse.BodySubscriber
import java.net.http.HttpResponse.BodySubscribers
import java.net.http.HttpResponse.ResponseInfo
import java.nio.ByteBuffer
import java.nio.file.Files
import java.nio.file.Path
import java.util.concurrent.CompletableFuture
import java.util.concurrent.CompletionStage
import java.util.concurrent.Flow.Subscription

/** What is known of the JDK's classes, on the JDK that runs the test. */
class JdkClassesTest :
    FunSpec({
        fun subscriberOf(handler: BodyHandler<*>): BodySubscriber<*> = handler.apply(NOTHING_SAID)

        test("handlers of strings and of bytes are known by their class, those with more to them are not") {
            JdkClasses.isString(BodyHandlers.ofString()) shouldBe true
            JdkClasses.isString(BodyHandlers.ofString(Charsets.UTF_16)) shouldBe false
            JdkClasses.isByteArray(BodyHandlers.ofByteArray()) shouldBe true
            JdkClasses.isByteArray(BodyHandlers.ofString()) shouldBe false
            JdkClasses.isString(BodyHandler<String> { BodySubscribers.ofString(Charsets.UTF_8) }) shouldBe false
        }

        test("what gives blocking streams is known before anything is sent") {
            JdkClasses.givesBlocking(BodyHandlers.ofInputStream()) shouldBe true
            JdkClasses.givesBlocking(BodyHandlers.ofLines()) shouldBe true
            for (handler in listOf(
                BodyHandlers.ofString(),
                BodyHandlers.discarding(),
                BodyHandlers.ofPublisher(),
                BodyHandlers.ofByteArray(),
            )) {
                JdkClasses.givesBlocking(handler) shouldBe false
            }
        }

        test("subscribers that only collect need no task") {
            val collecting =
                listOf(
                    BodyHandlers.ofString(Charsets.UTF_16),
                    BodyHandlers.ofByteArray(),
                    BodyHandlers.discarding(),
                    BodyHandlers.replacing("x"),
                    BodyHandlers.ofByteArrayConsumer { },
                )
            for (handler in collecting) {
                JdkClasses.collects(subscriberOf(handler)) shouldBe true
                JdkClasses.mayBlock(subscriberOf(handler)) shouldBe false
            }
        }

        test("subscribers that write files, feed blocking streams or hide others may block") {
            val blocking =
                listOf(
                    BodySubscribers.ofFile(Path.of("never-made")),
                    BodySubscribers.ofInputStream(),
                    BodySubscribers.ofLines(Charsets.UTF_8),
                    BodySubscribers.mapping(BodySubscribers.ofInputStream()) { it.read() },
                    BodySubscribers.buffering(BodySubscribers.ofFile(Path.of("never-made")), 10),
                )
            for (subscriber in blocking) {
                JdkClasses.mayBlock(subscriber) shouldBe true
                JdkClasses.collects(subscriber) shouldBe false
            }
        }

        test("subscribers that pass things on to the user's do not block by themselves, and nor do the user's own") {
            for (subscriber in listOf(BodySubscribers.fromSubscriber(Mine()), BodySubscribers.ofPublisher(), Mine())) {
                JdkClasses.mayBlock(subscriber) shouldBe false
                JdkClasses.collects(subscriber) shouldBe false
            }
        }

        test("publishers in memory are asked on the loop, those of files and streams are not") {
            val file = Files.createTempFile("simul", null)
            try {
                val mine =
                    object : BodyPublisher by BodyPublishers.noBody() {}
                for (publisher in listOf(BodyPublishers.ofString("x"), BodyPublishers.ofByteArray(ByteArray(1)))) {
                    JdkClasses.hasBytes(publisher) shouldBe true
                }
                for (publisher in listOf(BodyPublishers.ofByteArrays(listOf(ByteArray(1))), BodyPublishers.fromPublisher(mine), mine)) {
                    JdkClasses.hasBytes(publisher) shouldBe false
                    JdkClasses.mayBlock(publisher) shouldBe false
                }
                val blocking =
                    listOf(
                        BodyPublishers.ofFile(file),
                        BodyPublishers.ofInputStream { "".byteInputStream() },
                        BodyPublishers.concat(mine, mine),
                    )
                for (publisher in blocking) JdkClasses.mayBlock(publisher) shouldBe true
            } finally {
                Files.delete(file)
            }
        }
    })

private val NOTHING_SAID =
    object : ResponseInfo {
        override fun statusCode() = 200

        override fun headers(): HttpHeaders = HttpHeaders.of(emptyMap()) { _, _ -> true }

        override fun version() = HttpClient.Version.HTTP_1_1
    }

private class Mine : BodySubscriber<Any?> {
    override fun getBody(): CompletionStage<Any?> = CompletableFuture()

    override fun onSubscribe(subscription: Subscription) = Unit

    override fun onNext(item: List<ByteBuffer>) = Unit

    override fun onError(throwable: Throwable) = Unit

    override fun onComplete() = Unit
}
