// SPDX-License-Identifier: Apache-2.0
package dev.simul.demo.gallery.walkthrough

import dev.simul.coroutine
import dev.simul.demo.gallery.Random
import dev.simul.demo.gallery.Time.perfCounter
import dev.simul.demo.gallery.run
import dev.simul.gather
import dev.simul.sleep
import kotlin.time.Duration.Companion.seconds

internal class User(
    val id: Int,
    val name: String,
)

internal suspend fun getUserWithPosts(userId: Int) {
    val user = fetchUser(userId)
    fetchPosts(user)
}

private suspend fun fetchUser(userId: Int): User {
    val delay = Random.uniform(0.5, 2.0)
    println("User coro: fetching user by user_id=$userId...")
    sleep(delay.seconds)
    val user = User(userId, "User$userId")
    println("User coro: fetched user with user_id=$userId (done in %.1fs).".format(delay))
    return user
}

private suspend fun fetchPosts(user: User) {
    val delay = Random.uniform(0.5, 2.0)
    println("Post coro: retrieving posts for ${user.name}...")
    sleep(delay.seconds)
    val posts = (1..2).map { "Post $it by ${user.name}" }
    println("Post coro: got ${posts.size} posts by ${user.name} (done in %.1fs):".format(delay))
    for (post in posts) println(" - $post")
}

internal fun chain() {
    Random.seed(444)
    run {
        val userIds = listOf(1, 2, 3)
        val start = perfCounter()
        gather(userIds.map { coroutine { getUserWithPosts(it) } }).await()
        val end = perfCounter()
        println("\n==> Total time: %.2f seconds".format(end - start))
    }
}
