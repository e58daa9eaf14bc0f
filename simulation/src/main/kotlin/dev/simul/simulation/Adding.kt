// SPDX-License-Identifier: Apache-2.0
package dev.simul.simulation

/** Runs [block] and adds what it throws: for steps that must all be taken. */
internal inline fun MutableList<Throwable>.adding(block: () -> Unit) {
    try {
        block()
    } catch (e: Throwable) {
        add(e)
    }
}
