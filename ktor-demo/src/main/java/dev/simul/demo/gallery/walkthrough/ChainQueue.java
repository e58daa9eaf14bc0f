// SPDX-License-Identifier: Apache-2.0
package dev.simul.demo.gallery.walkthrough;

import dev.simul.demo.gallery.Random;
import dev.simul.demo.gallery.walkthrough.Chain.User;
import dev.simul.facade.Future;
import dev.simul.facade.Queue;
import java.util.ArrayList;
import java.util.List;

import static dev.simul.demo.gallery.Stage.run;
import static dev.simul.demo.gallery.Time.perfCounter;
import static dev.simul.demo.gallery.walkthrough.Chain.seconds;
import static dev.simul.facade.Asyncio.await;
import static dev.simul.facade.Asyncio.createTask;
import static dev.simul.facade.Asyncio.gather;
import static dev.simul.facade.Asyncio.sleep;

final class ChainQueue {
    static void producer(Queue<User> queue, List<Integer> userIds) {
        await(gather(userIds.stream().map(it -> createTask(() -> fetchUser(queue, it))).toList()));
        for (int i = 0; i < userIds.size(); i++) {
            await(queue.put(null)); // for each consumer to end
        }
    }

    static void fetchUser(Queue<User> queue, int userId) {
        double delay = Random.uniform(0.5, 2.0);
        System.out.println("Producer: fetching user by user_id=" + userId + "...");
        await(sleep(seconds(delay)));
        var user = new User(userId, "User" + userId);
        System.out.printf("Producer: fetched user with user_id=%d (done in %.1fs)%n", userId, delay);
        await(queue.put(user));
    }

    static void consumer(Queue<User> queue) {
        while (true) {
            var user = await(queue.get());
            if (user == null) {
                return;
            }
            double delay = Random.uniform(0.5, 2.0);
            System.out.println("Consumer: retrieving posts for " + user.name() + "...");
            await(sleep(seconds(delay)));
            var posts = List.of("Post 1 by " + user.name(), "Post 2 by " + user.name());
            System.out.printf("Consumer: got %d posts by %s (done in %.1fs):%n", posts.size(), user.name(), delay);
            for (var post : posts) {
                System.out.println("  - " + post);
            }
        }
    }

    static void main(String[] args) {
        Random.seed(444);
        run(() -> {
            var queue = new Queue<User>();
            var userIds = List.of(1, 2, 3);
            double start = perfCounter();
            var all = new ArrayList<Future<Void>>();
            all.add(createTask(() -> producer(queue, userIds)));
            userIds.forEach(it -> all.add(createTask(() -> consumer(queue))));
            await(gather(all));
            double end = perfCounter();
            System.out.printf("%n==> Total time: %.2f seconds%n", end - start);
        });
    }
}
