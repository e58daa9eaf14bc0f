// SPDX-License-Identifier: Apache-2.0
package dev.simul.http.jdk

import java.net.URI
import java.net.http.HttpClient
import java.net.http.HttpRequest
import java.net.http.HttpRequest.BodyPublisher
import java.net.http.HttpRequest.BodyPublishers
import java.net.http.HttpResponse.BodyHandler
import java.net.http.HttpResponse.BodyHandlers
import java.net.http.HttpResponse.BodySubscriber
import java.net.http.HttpResponse.BodySubscribers
import java.util.concurrent.Flow.Subscriber
import java.util.concurrent.Flow.Subscription

/**
 * What is known about the JDK's own publishers, handlers and subscribers, by their classes. Their names are the JDK's secret, so it is asked
 * for one of each kind. Of its classes, those that are not known never to block are taken to block: they read or write files, wait for a
 * reader, or hide others. A class of anybody else is taken not to block, as every callback of the loop.
 */
internal object JdkClasses {
    private val module: Module = HttpClient::class.java.module

    private val string: Class<*> = BodyHandlers.ofString().javaClass
    private val byteArray: Class<*> = BodyHandlers.ofByteArray().javaClass
    private val inputStream: Class<*> = BodyHandlers.ofInputStream().javaClass
    private val lines: Class<*> = BodyHandlers.ofLines().javaClass

    private val request: Class<*> = HttpRequest.newBuilder(URI.create("http://localhost/")).build().javaClass

    private val bytes: Set<Class<*>> = setOf(BodyPublishers.ofString("").javaClass, BodyPublishers.ofByteArray(ByteArray(0)).javaClass)
    private val publishers: Set<Class<*>> =
        bytes +
            setOf(
                BodyPublishers.noBody().javaClass,
                BodyPublishers.ofByteArrays(emptyList()).javaClass,
                BodyPublishers.fromPublisher(BodyPublishers.noBody()).javaClass,
            )

    private val collectors: Set<Class<*>> =
        setOf(
            BodySubscribers.ofByteArray().javaClass,
            BodySubscribers.discarding().javaClass,
            BodySubscribers.ofByteArrayConsumer { }.javaClass,
        )
    private val subscribers: Set<Class<*>> =
        collectors +
            setOf(
                BodySubscribers.fromSubscriber(Nobody()).javaClass,
                BodySubscribers.fromLineSubscriber(Nobody()).javaClass,
                BodySubscribers.ofPublisher().javaClass,
            )

    /** Whether it says the same however often it is asked, as those of the JDK's builder do. */
    fun isImmutable(request: HttpRequest): Boolean = request.javaClass === this.request

    /** Whether it is [BodyHandlers.ofString] without a charset: the body is text of the charset that the response names. */
    fun isString(handler: BodyHandler<*>): Boolean = handler.javaClass === string

    /** Whether it is [BodyHandlers.ofByteArray]. */
    fun isByteArray(handler: BodyHandler<*>): Boolean = handler.javaClass === byteArray

    /** Whether it gives what blocks the thread that reads from it. */
    fun givesBlocking(handler: BodyHandler<*>): Boolean = handler.javaClass.let { it === inputStream || it === lines }

    /** Whether it has the whole body in memory, and gives it within the call that asks for it. */
    fun hasBytes(publisher: BodyPublisher): Boolean = publisher.javaClass in bytes && publisher.contentLength() <= MOST_AT_ONCE

    fun mayBlock(publisher: BodyPublisher): Boolean = publisher.javaClass.let { it.module === module && it !in publishers }

    fun mayBlock(subscriber: BodySubscriber<*>): Boolean = subscriber.javaClass.let { it.module === module && it !in subscribers }

    /** Whether it takes all that comes, and has its result when the body is complete. */
    fun collects(subscriber: BodySubscriber<*>): Boolean = subscriber.javaClass in collectors

    private const val MOST_AT_ONCE = 1024L * 1024

    private class Nobody<T> : Subscriber<T> {
        override fun onSubscribe(subscription: Subscription) = Unit

        override fun onNext(item: T) = Unit

        override fun onError(throwable: Throwable) = Unit

        override fun onComplete() = Unit
    }
}
