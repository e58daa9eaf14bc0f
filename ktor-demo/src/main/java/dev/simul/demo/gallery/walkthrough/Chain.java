// SPDX-License-Identifier: Apache-2.0
package dev.simul.demo.gallery.walkthrough;

import dev.simul.demo.gallery.Random;
import java.time.Duration;
import java.util.List;

import static dev.simul.demo.gallery.Stage.run;
import static dev.simul.demo.gallery.Time.perfCounter;
import static dev.simul.facade.Asyncio.await;
import static dev.simul.facade.Asyncio.createTask;
import static dev.simul.facade.Asyncio.gather;
import static dev.simul.facade.Asyncio.sleep;

final class Chain {
    record User(int id, String name) {}

    static void getUserWithPosts(int userId) {
        var user = fetchUser(userId);
        fetchPosts(user);
    }

    static User fetchUser(int userId) {
        double delay = Random.uniform(0.5, 2.0);
        System.out.println("User coro: fetching user by user_id=" + userId + "...");
        await(sleep(seconds(delay)));
        var user = new User(userId, "User" + userId);
        System.out.printf("User coro: fetched user with user_id=%d (done in %.1fs).%n", userId, delay);
        return user;
    }

    static void fetchPosts(User user) {
        double delay = Random.uniform(0.5, 2.0);
        System.out.println("Post coro: retrieving posts for " + user.name() + "...");
        await(sleep(seconds(delay)));
        var posts = List.of("Post 1 by " + user.name(), "Post 2 by " + user.name());
        System.out.printf("Post coro: got %d posts by %s (done in %.1fs):%n", posts.size(), user.name(), delay);
        for (var post : posts) {
            System.out.println(" - " + post);
        }
    }

    static Duration seconds(double delay) {
        return Duration.ofNanos((long) (delay * 1e9));
    }

    static void main(String[] args) {
        Random.seed(444);
        run(() -> {
            var userIds = List.of(1, 2, 3);
            double start = perfCounter();
            await(gather(userIds.stream().map(it -> createTask(() -> getUserWithPosts(it))).toList()));
            double end = perfCounter();
            System.out.printf("%n==> Total time: %.2f seconds%n", end - start);
        });
    }
}
