// SPDX-License-Identifier: Apache-2.0
package dev.simul.netty.mongo

import com.mongodb.ConnectionString
import com.mongodb.MongoClientSettings
import com.mongodb.MongoCommandException
import com.mongodb.MongoException
import com.mongodb.client.model.Filters.exists
import com.mongodb.reactivestreams.client.MongoClient
import com.mongodb.reactivestreams.client.MongoClients
import com.mongodb.reactivestreams.client.MongoCollection
import dev.simul.FacadeApi
import dev.simul.aclosing
import dev.simul.bodies.Carrier
import dev.simul.bodies.carrier
import dev.simul.createTask
import dev.simul.exceptions.CancelledException
import dev.simul.exceptions.TimeoutException
import dev.simul.gather
import dev.simul.interop.bodyOf
import dev.simul.loop.EventLoop
import dev.simul.netty.grpc.onCleanLoop
import dev.simul.netty.until
import dev.simul.reactivestreams.await
import dev.simul.reactivestreams.awaitSingle
import dev.simul.reactivestreams.toAsyncGenerator
import dev.simul.sleep
import dev.simul.timeout
import io.kotest.assertions.throwables.shouldThrow
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.collections.shouldContain
import io.kotest.matchers.collections.shouldContainExactly
import io.kotest.matchers.ints.shouldBeLessThan
import io.kotest.matchers.shouldBe
import org.bson.Document
import reactor.core.publisher.Flux
import java.util.concurrent.TimeUnit.SECONDS
import kotlin.random.Random
import kotlin.time.Duration
import kotlin.time.Duration.Companion.microseconds
import kotlin.time.Duration.Companion.milliseconds

/** MongoDB's driver on the loop, against a server of the tests' own. */
@OptIn(FacadeApi::class)
class MongoTest :
    FunSpec({
        test("documents are inserted and found, as a loop, as a Flow and by themselves") {
            onMongo { mongo, client ->
                val pets = client.pets
                awaitSingle(pets.insertOne(Document("name", "Rex"))).wasAcknowledged() shouldBe true
                awaitSingle(pets.insertMany(List(5) { Document("name", "pet $it") })).insertedIds.size shouldBe 5
                awaitSingle(pets.find().first()).getString("name") shouldBe "Rex"
                val names = ArrayList<String>()
                for (pet in pets.find().toAsyncGenerator()) names += pet.getString("name")
                names shouldContainExactly listOf("Rex") + List(5) { "pet $it" }
                await(client.getDatabase("test").getCollection("none").find()) shouldBe null
                awaitSingle(client.getDatabase("test").runCommand(Document("ping", 1))).getDouble("ok") shouldBe 1.0
                mongo.commands shouldContain "insert"
            }
        }

        test("a command that fails throws the driver's exception") {
            onMongo { _, client ->
                shouldThrow<MongoCommandException> {
                    await(
                        client.getDatabase("test").runCommand(Document("dance", 1)),
                    )
                }.errorCode shouldBe 59
            }
        }

        test("what comes from the server comes in the loop's thread") {
            onMongo { _, client ->
                awaitSingle(client.pets.insertOne(Document("name", "Rex")))
                val threads = HashSet<Thread>()
                val found = Flux.from(client.pets.find()).doOnNext { threads += Thread.currentThread() }
                repeat(10) { await(found) }
                threads shouldBe setOf(Thread.currentThread())
            }
        }

        test("a cursor is asked for as much as is taken, and closed when it is left") {
            onMongo { mongo, client ->
                awaitSingle(client.pets.insertMany(List(1_000) { Document("number", it) }))
                aclosing(client.pets.find().batchSize(10).toAsyncGenerator(prefetch = 10)) { pets ->
                    for (number in 0 until 25) pets.anext().getInteger("number") shouldBe number
                    sleep(20.milliseconds)
                    mongo.commands.count { it == "getMore" } shouldBeLessThan 6
                    mongo.openCursors shouldBe 1
                }
                until { mongo.openCursors == 0 }
                mongo.commands shouldContain "killCursors"
                var count = 0
                client.pets.find().batchSize(10).toAsyncGenerator().collect { count++ }
                count shouldBe 1_000
                mongo.openCursors shouldBe 0
            }
        }

        test("ten thousand documents through one cursor") {
            onMongo { _, client ->
                awaitSingle(client.pets.insertMany(List(10_000) { Document("number", it) }))
                var next = 0
                for (pet in client.pets.find().toAsyncGenerator(prefetch = 256)) pet.getInteger("number") shouldBe next++
                next shouldBe 10_000
            }
        }

        test("cancelling a task that waits for an answer, and a timeout, leave the client usable") {
            onMongo { mongo, client ->
                awaitSingle(client.pets.insertOne(Document("name", "Rex")))
                val slow = createTask { await(client.pets.find(Document("slow", true)).first()) }
                until { mongo.commands.count { it == "find" } == 1 }
                slow.cancel()
                shouldThrow<CancelledException> { slow.await() }
                shouldThrow<TimeoutException> { timeout(50.milliseconds) { await(client.pets.find(Document("slow", true)).first()) } }
                awaitSingle(client.pets.find().first()).getString("name") shouldBe "Rex"
                mongo.mayAnswer.set()
                val answers = List(20) { createTask { awaitSingle(client.pets.find().first()).getString("name") } }
                gather(*answers.toTypedArray()).await() shouldContainExactly List(20) { "Rex" }
                until { mongo.openCursors == 0 }
            }
        }

        test("a server that goes away fails what waits for it") {
            onMongo { mongo, client ->
                awaitSingle(client.pets.insertOne(Document("name", "Rex")))
                val slow = createTask { await(client.pets.find(Document("slow", true)).first()) }
                until { mongo.commands.count { it == "find" } == 1 }
                mongo.abort()
                shouldThrow<MongoException> { slow.await() }
            }
        }

        test("closing the client lets a command in flight be answered, and closes all connections") {
            onMongo { mongo, client ->
                awaitSingle(client.pets.insertOne(Document("slow", true)))
                val slow = createTask { awaitSingle(client.pets.find(Document("slow", true)).first()).getBoolean("slow") }
                until { mongo.commands.count { it == "find" } == 1 }
                client.close()
                mongo.mayAnswer.set()
                slow.await() shouldBe true
                until { mongo.connections == 0 }
                shouldThrow<IllegalStateException> { await(client.pets.find().first()) }
            }
        }

        test("two thousand finds that are cancelled at random moments are answered or cancelled, and leave no cursor") {
            val seed = Random.nextLong()
            println("seed $seed")
            val random = Random(seed)
            onMongo { mongo, client ->
                awaitSingle(client.pets.insertMany(List(50) { Document("number", it) }))
                var answered = 0
                var cancelled = 0
                val callers =
                    List(8) {
                        createTask {
                            repeat(250) {
                                val find =
                                    createTask {
                                        var sum = 0
                                        aclosing(
                                            client.pets.find().batchSize(20).toAsyncGenerator(),
                                        ) { for (pet in it) sum += pet.getInteger("number") }
                                        sum
                                    }
                                if (random.nextBoolean()) {
                                    if (random.nextBoolean()) {
                                        repeat(
                                            random.nextInt(20),
                                        ) { sleep(Duration.ZERO) }
                                    } else {
                                        sleep(random.nextInt(1_000).microseconds)
                                    }
                                    find.cancel()
                                }
                                try {
                                    find.await() shouldBe 1_225
                                    answered++
                                } catch (_: CancelledException) {
                                    cancelled++
                                }
                            }
                        }
                    }
                callers.forEach { it.await() }
                answered + cancelled shouldBe 2_000
                until { mongo.openCursors == 0 }
            }
        }

        Carrier.available().forEach { carrier ->
            test("bodies in Java that are ${carrier.name}") {
                onMongo { mongo, client ->
                    this.carrier = carrier
                    val bodies = List(8) { number -> createTask { bodyOf { JavaPets.insertAndFind(client, "pets$number", 100) }.await() } }
                    gather(*bodies.toTypedArray()).await() shouldContainExactly List(8) { 4_950 }
                    bodyOf { JavaPets.firstAbove(client, "pets0", 41) }.await() shouldBe 42
                    until { mongo.openCursors == 0 }
                }
            }
        }
    })

private val MongoClient.pets: MongoCollection<Document> get() = getDatabase("test").getCollection("pets")

private fun onMongo(body: suspend EventLoop.(FakeMongo, MongoClient) -> Unit) =
    onCleanLoop {
        val mongo = FakeMongo().start()
        val settings =
            MongoClientSettings
                .builder()
                .applyConnectionString(ConnectionString(mongo.uri))
                .applyToClusterSettings { it.serverSelectionTimeout(2, SECONDS) }
                .onLoop()
                .build()
        val client = MongoClients.create(settings)
        try {
            body(mongo, client)
        } finally {
            client.close()
            mongo.mayAnswer.set()
            until { mongo.connections == 0 }
            mongo.close()
        }
    }
