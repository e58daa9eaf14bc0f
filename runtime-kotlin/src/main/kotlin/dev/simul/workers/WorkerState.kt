// SPDX-License-Identifier: Apache-2.0
package dev.simul.workers

/** What a [Worker] does. asyncio has no equivalent. */
public enum class WorkerState {
    /** Its thread was started, and its main has not begun. */
    STARTING,

    /** Its main runs, and its loop answers. */
    RUNNING,

    /** Its loop has not answered for [WorkerOptions.unresponsiveAfter]: it gets no connections until it answers. */
    UNRESPONSIVE,

    /** Its main was cancelled, since it is replaced or the supervisor is closed, or has ended by itself; its loop is not closed yet. */
    STOPPING,

    /** Its loop has not answered for [WorkerOptions.hangTimeout]: it was given up, and ends if its loop ever answers. */
    HUNG,

    /** Its loop is closed. */
    ENDED,
}
