// SPDX-License-Identifier: Apache-2.0
package dev.simul.exceptions

/**
 * Several unrelated failures, thrown as one: what a task group throws.
 *
 * Split it by type with [split] and [subgroup], or handle it type by type with `exceptStar`.
 *
 * Source: `ExceptionGroup`.
 *
 * @param message describes what the members have in common.
 * @param exceptions the members; the group keeps a copy of the list.
 * @param cause the cause of the group, or null.
 * @throws IllegalArgumentException if [exceptions] is empty, or contains a cancellation, a [FatalError][dev.simul.loop.FatalError], a
 *   [GeneratorExit] or a group of such.
 */
public open class ExceptionGroup
    @JvmOverloads
    constructor(
        message: String,
        exceptions: List<Throwable>,
        cause: Throwable? = null,
    ) : BaseExceptionGroup(message, exceptions, cause) {
        init {
            for (member in this.exceptions) {
                require(member.isOrdinary) {
                    "${javaClass.simpleName} '$message' cannot hold $member, which is not an ordinary failure; " +
                        "use BaseExceptionGroup.of"
                }
            }
        }
    }
