// SPDX-License-Identifier: Apache-2.0
@file:JvmName("Faces")

package dev.simul.bodies

import dev.simul.Task
import dev.simul.loop.EventLoop
import dev.simul.loop.LoopLocal
import java.util.function.Function

/** The one object by which another language knows [task]: what [make] makes of it when it is first asked for, by any thread. */
public fun <F : Any> faceOf(
    task: Task<*>,
    make: Function<in Task<*>, out F>,
): F {
    @Suppress("UNCHECKED_CAST")
    return (task.face ?: synchronized(task.step) { task.face ?: make.apply(task).also { task.face = it } }) as F
}

/** The one object by which another language knows [loop]. */
public fun <F : Any> faceOf(
    loop: EventLoop,
    make: Function<in EventLoop, out F>,
): F {
    val slot = loopFaces[loop]
    @Suppress("UNCHECKED_CAST")
    return (slot.face ?: synchronized(slot) { slot.face ?: make.apply(loop).also { slot.face = it } }) as F
}

private class FaceSlot(
    @Volatile var face: Any? = null,
)

private val loopFaces = LoopLocal { FaceSlot() }
