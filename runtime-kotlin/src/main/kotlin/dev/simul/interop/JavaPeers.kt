// SPDX-License-Identifier: Apache-2.0
@file:JvmName("JavaPeers")

package dev.simul.interop

import dev.simul.FacadeApi
import dev.simul.Task
import dev.simul.loop.EventLoop
import dev.simul.loop.LoopLocal
import java.util.function.Function

/** The single object that represents [task] in another language; [make] creates it on first use, in any thread. */
@FacadeApi
public fun <P : Any> peerOf(
    task: Task<*>,
    make: Function<in Task<*>, out P>,
): P {
    @Suppress("UNCHECKED_CAST")
    return (task.face ?: synchronized(task.step) { task.face ?: make.apply(task).also { task.face = it } }) as P
}

/** The single object that represents [loop] in another language. */
@FacadeApi
public fun <P : Any> peerOf(
    loop: EventLoop,
    make: Function<in EventLoop, out P>,
): P {
    val slot = loopPeers[loop]
    @Suppress("UNCHECKED_CAST")
    return (slot.peer ?: synchronized(slot) { slot.peer ?: make.apply(loop).also { slot.peer = it } }) as P
}

private class PeerSlot(
    @Volatile var peer: Any? = null,
)

private val loopPeers = LoopLocal { PeerSlot() }
