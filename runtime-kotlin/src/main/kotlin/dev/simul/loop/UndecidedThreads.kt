// SPDX-License-Identifier: Apache-2.0
package dev.simul.loop

import java.util.concurrent.atomic.AtomicInteger

/** The threads that work for a simulated loop, and that its simulation does not decide. */
internal class UndecidedThreads {
    /** What they have handed in, and the loop is still to get. */
    val inbox = Inbox()

    /** How many of them do nothing but wait for the loop. */
    val waiting = AtomicInteger()
}
