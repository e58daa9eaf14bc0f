// SPDX-License-Identifier: Apache-2.0
package dev.simul.demo.gallery.walkthrough

import dev.simul.demo.gallery.Random
import dev.simul.demo.gallery.Time.perfCounter
import dev.simul.demo.gallery.run

internal fun chainOneByOne() {
    Random.seed(444)
    run {
        val userIds = listOf(1, 2, 3)
        val start = perfCounter()
        for (userId in userIds) getUserWithPosts(userId)
        val end = perfCounter()
        println("\n==> Total time: %.2f seconds".format(end - start))
    }
}
