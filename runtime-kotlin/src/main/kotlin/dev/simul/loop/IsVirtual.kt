// SPDX-License-Identifier: Apache-2.0
package dev.simul.loop

import java.lang.invoke.MethodHandle
import java.lang.invoke.MethodHandles

private val isVirtual: MethodHandle? =
    if (Runtime.version().feature() >= 21) {
        MethodHandles.lookup().unreflect(Thread::class.java.getMethod("isVirtual"))
    } else {
        null
    }

/** `Thread.isVirtual()`, for JDKs newer than the one this is compiled for. */
internal fun Thread.isVirtual(): Boolean = isVirtual != null && isVirtual.invoke(this) as Boolean
