// SPDX-License-Identifier: Apache-2.0
package dev.simul.facade;

import dev.simul.loop.RunningLoopKt;

import static dev.simul.interop.Calls.isInAbandonedBody;

/** Where the code runs that wants to wait for something of a loop. */
enum Place {
    /** In the loop's own thread: in a body, which may await, or in a callback, which may not. */
    ON_LOOP,

    /** In a body whose loop has closed, where every await throws. */
    IN_ABANDONED_BODY,

    /** In the thread of another loop, which must not be blocked. */
    ON_OTHER_LOOP,

    /** In a thread that may be blocked. */
    OFF_LOOPS;

    /**
     * The caller's place, relative to {@code loop}. The loop's own thread is checked first, since awaits in the loop's bodies
     * must be fast.
     */
    static Place of(dev.simul.loop.EventLoop loop) {
        if (loop.isInLoop()) {
            return ON_LOOP;
        }
        if (isInAbandonedBody()) {
            return IN_ABANDONED_BODY;
        }
        return RunningLoopKt.getRunningLoopOrNull() == null ? OFF_LOOPS : ON_OTHER_LOOP;
    }
}
