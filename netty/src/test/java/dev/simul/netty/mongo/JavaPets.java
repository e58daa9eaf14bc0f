// SPDX-License-Identifier: Apache-2.0
package dev.simul.netty.mongo;

import com.mongodb.reactivestreams.client.MongoClient;
import com.mongodb.reactivestreams.client.MongoCollection;
import java.util.stream.IntStream;
import org.bson.Document;
import org.reactivestreams.FlowAdapters;

import static dev.simul.facade.Asyncio.fromPublisher;
import static dev.simul.reactivestreams.ReactiveStreams.awaitSingle;

/** What MongoTest has bodies in Java do. */
final class JavaPets {
    private JavaPets() {}

    static int insertAndFind(MongoClient client, String name, int count) {
        MongoCollection<Document> pets = client.getDatabase("test").getCollection(name);
        awaitSingle(pets.insertMany(IntStream.range(0, count)
                .mapToObj(number -> new Document("number", number))
                .toList()));
        int sum = 0;
        for (Document pet : fromPublisher(FlowAdapters.toFlowPublisher(pets.find().batchSize(30)))) {
            sum += pet.getInteger("number");
        }
        return sum;
    }

    static int firstAbove(MongoClient client, String name, int bound) {
        MongoCollection<Document> pets = client.getDatabase("test").getCollection(name);
        try (var found = fromPublisher(FlowAdapters.toFlowPublisher(pets.find().batchSize(10)))) {
            for (Document pet : found) {
                if (pet.getInteger("number") > bound) {
                    return pet.getInteger("number");
                }
            }
        }
        return -1;
    }
}
