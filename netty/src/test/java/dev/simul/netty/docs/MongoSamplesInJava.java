// SPDX-License-Identifier: Apache-2.0
package dev.simul.netty.docs;

import com.mongodb.ConnectionString;
import com.mongodb.MongoClientSettings;
import com.mongodb.reactivestreams.client.MongoClients;
import com.mongodb.reactivestreams.client.MongoCollection;
import dev.simul.facade.Future;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import org.bson.Document;
import org.reactivestreams.FlowAdapters;

import static com.mongodb.client.model.Filters.gt;
import static com.mongodb.client.model.Sorts.ascending;
import static dev.simul.facade.Asyncio.createTask;
import static dev.simul.facade.Asyncio.fromPublisher;
import static dev.simul.facade.Asyncio.gather;
import static dev.simul.netty.mongo.MongoOnLoop.onLoop;
import static dev.simul.reactivestreams.ReactiveStreams.await;
import static dev.simul.reactivestreams.ReactiveStreams.awaitSingle;

/** The blocks of Java in the guide to MongoDB; MongoSamplesTest runs them, the facade's DocsTest compares. */
final class MongoSamplesInJava {
    private MongoSamplesInJava() {}

    static <T> T withPets(String uri, Function<MongoCollection<Document>, T> block) {
        var settings = onLoop(MongoClientSettings.builder().applyConnectionString(new ConnectionString(uri))).build();
        try (var client = MongoClients.create(settings)) {
            return block.apply(client.getDatabase("zoo").getCollection("pets"));
        }
    }

    static int adopt(MongoCollection<Document> pets, List<String> names) {
        var documents = names.stream()
                .map(name -> new Document("name", name).append("age", name.length()))
                .toList();
        return awaitSingle(pets.insertMany(documents)).getInsertedIds().size();
    }

    static Optional<Integer> ageOf(MongoCollection<Document> pets, String name) {
        Document pet = await(pets.find(new Document("name", name)).first());
        return Optional.ofNullable(pet).map(found -> found.getInteger("age"));
    }

    static List<Optional<Integer>> agesOf(MongoCollection<Document> pets, List<String> names) {
        var found = new ArrayList<Future<Optional<Integer>>>();
        for (String name : names) {
            found.add(createTask(() -> ageOf(pets, name)));
        }
        return gather(found).await();
    }

    static List<String> allNames(MongoCollection<Document> pets) {
        var names = new ArrayList<String>();
        for (Document pet : fromPublisher(FlowAdapters.toFlowPublisher(pets.find().sort(ascending("name"))))) {
            names.add(pet.getString("name"));
        }
        return names;
    }

    static Optional<String> firstOlderThan(MongoCollection<Document> pets, int age) {
        var publisher = FlowAdapters.toFlowPublisher(pets.find(gt("age", 0)).batchSize(100));
        try (var found = fromPublisher(publisher, 100)) {
            for (Document pet : found) {
                if (pet.getInteger("age") > age) {
                    return Optional.of(pet.getString("name"));
                }
            }
        }
        return Optional.empty();
    }
}
