// SPDX-License-Identifier: Apache-2.0
package dev.simul.netty.docs

import com.mongodb.ConnectionString
import com.mongodb.MongoClientSettings
import com.mongodb.client.model.Filters.gt
import com.mongodb.client.model.Sorts.ascending
import com.mongodb.reactivestreams.client.MongoClients
import com.mongodb.reactivestreams.client.MongoCollection
import dev.simul.aclosing
import dev.simul.createTask
import dev.simul.gather
import dev.simul.netty.mongo.onLoop
import dev.simul.reactivestreams.await
import dev.simul.reactivestreams.awaitSingle
import dev.simul.reactivestreams.toAsyncGenerator
import kotlinx.coroutines.flow.map
import kotlinx.coroutines.flow.toList
import org.bson.Document

// The blocks of the guide to MongoDB; MongoSamplesTest runs them, the runtime's DocsTest compares.

suspend fun <T> withPets(
    uri: String,
    block: suspend (MongoCollection<Document>) -> T,
): T {
    val settings = MongoClientSettings.builder().applyConnectionString(ConnectionString(uri)).onLoop().build()
    return MongoClients.create(settings).use { client -> block(client.getDatabase("zoo").getCollection("pets")) }
}

suspend fun adopt(
    pets: MongoCollection<Document>,
    names: List<String>,
): Int {
    val documents = names.map { Document("name", it).append("age", it.length) }
    return awaitSingle(pets.insertMany(documents)).insertedIds.size
}

suspend fun ageOf(
    pets: MongoCollection<Document>,
    name: String,
): Int? = await(pets.find(Document("name", name)).first())?.getInteger("age")

suspend fun agesOf(
    pets: MongoCollection<Document>,
    names: List<String>,
): List<Int?> {
    val found = names.map { name -> createTask { ageOf(pets, name) } }
    return gather(*found.toTypedArray()).await()
}

suspend fun allNames(pets: MongoCollection<Document>): List<String> =
    pets.find().sort(ascending("name")).toAsyncGenerator().map { it.getString("name") }.toList()

suspend fun firstOlderThan(
    pets: MongoCollection<Document>,
    age: Int,
): String? =
    aclosing(pets.find(gt("age", 0)).batchSize(100).toAsyncGenerator(prefetch = 100)) { found ->
        for (pet in found) if (pet.getInteger("age") > age) return pet.getString("name")
        null
    }
