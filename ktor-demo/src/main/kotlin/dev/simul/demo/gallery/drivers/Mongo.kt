// SPDX-License-Identifier: Apache-2.0
package dev.simul.demo.gallery.drivers

import com.mongodb.ConnectionString
import com.mongodb.MongoClientSettings
import com.mongodb.client.model.Filters.eq
import com.mongodb.client.model.Filters.gte
import com.mongodb.client.model.Sorts.ascending
import com.mongodb.client.model.Updates.inc
import com.mongodb.reactivestreams.client.MongoClients
import com.mongodb.reactivestreams.client.MongoCollection
import dev.simul.aclosing
import dev.simul.createTask
import dev.simul.demo.gallery.run
import dev.simul.gather
import dev.simul.netty.mongo.onLoop
import dev.simul.reactivestreams.await
import dev.simul.reactivestreams.awaitSingle
import dev.simul.reactivestreams.toAsyncGenerator
import dev.simul.toThread
import org.bson.Document

private suspend fun go(numbers: MongoCollection<Document>) {
    val documents = (1..1_000).map { Document("_id", it).append("square", it * it) }
    println("Inserted ${awaitSingle(numbers.insertMany(documents)).insertedIds.size} documents")

    val asked = (1..10).map { createTask { awaitSingle(numbers.find(eq(it)).first()).getInteger("square") } }
    println("Ten tasks found ${gather(*asked.toTypedArray()).await()}")

    val changed = awaitSingle(numbers.updateMany(gte("_id", 900), inc("square", 1)))
    println("Changed ${changed.modifiedCount}, and there is ${await(numbers.find(eq(2_000)).first()) ?: "no number 2000"}")

    aclosing(numbers.find().sort(ascending("_id")).batchSize(50).toAsyncGenerator()) { found ->
        for (number in found) {
            val square = number.getInteger("square")
            if (square > 50_000) return@aclosing println("$square is the first square above 50000")
        }
    }
}

internal fun mongo() =
    run {
        val server = toThread { LocalMongo.start() }
        try {
            val settings = MongoClientSettings.builder().applyConnectionString(ConnectionString(server.uri)).onLoop().build()
            MongoClients.create(settings).use { client -> go(client.getDatabase("gallery").getCollection("numbers")) }
        } finally {
            toThread { server.close() }
        }
    }
