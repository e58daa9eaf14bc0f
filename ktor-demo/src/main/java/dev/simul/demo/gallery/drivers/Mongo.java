// SPDX-License-Identifier: Apache-2.0
package dev.simul.demo.gallery.drivers;

import com.mongodb.ConnectionString;
import com.mongodb.MongoClientSettings;
import com.mongodb.reactivestreams.client.MongoClients;
import com.mongodb.reactivestreams.client.MongoCollection;
import dev.simul.facade.Future;
import java.util.ArrayList;
import java.util.stream.IntStream;
import org.bson.Document;
import org.reactivestreams.FlowAdapters;

import static com.mongodb.client.model.Filters.eq;
import static com.mongodb.client.model.Filters.gte;
import static com.mongodb.client.model.Sorts.ascending;
import static com.mongodb.client.model.Updates.inc;
import static dev.simul.demo.gallery.Stage.run;
import static dev.simul.facade.Asyncio.createTask;
import static dev.simul.facade.Asyncio.fromPublisher;
import static dev.simul.facade.Asyncio.gather;
import static dev.simul.facade.Asyncio.toThread;
import static dev.simul.netty.mongo.MongoOnLoop.onLoop;
import static dev.simul.reactivestreams.ReactiveStreams.await;
import static dev.simul.reactivestreams.ReactiveStreams.awaitSingle;

final class Mongo {
    static void go(MongoCollection<Document> numbers) {
        var documents = IntStream.rangeClosed(1, 1_000)
                .mapToObj(number -> new Document("_id", number).append("square", number * number))
                .toList();
        System.out.println("Inserted " + awaitSingle(numbers.insertMany(documents)).getInsertedIds().size() + " documents");

        var asked = new ArrayList<Future<Integer>>();
        for (int number = 1; number <= 10; number++) {
            int id = number;
            asked.add(createTask(() -> awaitSingle(numbers.find(eq(id)).first()).getInteger("square")));
        }
        System.out.println("Ten tasks found " + gather(asked).await());

        var changed = awaitSingle(numbers.updateMany(gte("_id", 900), inc("square", 1)));
        Document missing = await(numbers.find(eq(2_000)).first());
        System.out.println("Changed " + changed.getModifiedCount() + ", and there is " + (missing == null ? "no number 2000" : missing));

        var publisher = FlowAdapters.toFlowPublisher(numbers.find().sort(ascending("_id")).batchSize(50));
        try (var found = fromPublisher(publisher)) {
            for (Document number : found) {
                if (number.getInteger("square") > 50_000) {
                    System.out.println(number.getInteger("square") + " is the first square above 50000");
                    break;
                }
            }
        }
    }

    static void main(String[] args) {
        run(() -> {
            var server = toThread(LocalMongo::start).await();
            try {
                var settings = onLoop(MongoClientSettings.builder().applyConnectionString(new ConnectionString(server.getUri()))).build();
                try (var client = MongoClients.create(settings)) {
                    go(client.getDatabase("gallery").getCollection("numbers"));
                }
            } finally {
                toThread(() -> server.close()).await();
            }
        });
    }
}
