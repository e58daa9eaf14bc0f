// SPDX-License-Identifier: Apache-2.0
package dev.simul

/** Is told of the tasks of a loop; called in the loop's thread, [askedToCancel] also by others. */
internal interface TaskObserver {
    fun created(task: Task<*>)

    fun ended(task: Task<*>)

    fun askedToCancel(
        task: Task<*>,
        message: String?,
    )
}
