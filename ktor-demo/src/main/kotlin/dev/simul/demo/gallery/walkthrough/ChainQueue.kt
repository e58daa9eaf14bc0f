// SPDX-License-Identifier: Apache-2.0
package dev.simul.demo.gallery.walkthrough

import dev.simul.coroutine
import dev.simul.demo.gallery.Random
import dev.simul.demo.gallery.Time.perfCounter
import dev.simul.demo.gallery.run
import dev.simul.gather
import dev.simul.queues.Queue
import dev.simul.sleep
import kotlin.time.Duration.Companion.seconds

private suspend fun producer(
    queue: Queue<User?>,
    userIds: List<Int>,
) {
    suspend fun fetchUser(userId: Int) {
        val delay = Random.uniform(0.5, 2.0)
        println("Producer: fetching user by user_id=$userId...")
        sleep(delay.seconds)
        val user = User(userId, "User$userId")
        println("Producer: fetched user with user_id=$userId (done in %.1fs)".format(delay))
        queue.put(user)
    }

    gather(userIds.map { coroutine { fetchUser(it) } }).await()
    repeat(userIds.size) { queue.put(null) } // for each consumer to end
}

private suspend fun consumer(queue: Queue<User?>) {
    while (true) {
        val user = queue.get() ?: break
        val delay = Random.uniform(0.5, 2.0)
        println("Consumer: retrieving posts for ${user.name}...")
        sleep(delay.seconds)
        val posts = (1..2).map { "Post $it by ${user.name}" }
        println("Consumer: got ${posts.size} posts by ${user.name} (done in %.1fs):".format(delay))
        for (post in posts) println("  - $post")
    }
}

internal fun chainQueue() {
    Random.seed(444)
    run {
        val queue = Queue<User?>()
        val userIds = listOf(1, 2, 3)
        val start = perfCounter()
        val consumers = userIds.map { coroutine { consumer(queue) } }
        gather(listOf(coroutine { producer(queue, userIds) }) + consumers).await()
        val end = perfCounter()
        println("\n==> Total time: %.2f seconds".format(end - start))
    }
}
