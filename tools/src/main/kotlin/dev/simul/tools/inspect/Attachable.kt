// SPDX-License-Identifier: Apache-2.0
package dev.simul.tools.inspect

/** Why [facts] forbid to attach to the process; null if they do not. */
internal fun obstacleTo(facts: ProcessFacts): Refusal? =
    with(facts) {
        when {
            !exists -> gone(pid)
            owner != null && user != null && owner != user && user != ROOT -> notYours(this)
            isJvm == false -> noJvm(pid)
            sharesNetwork == false -> elsewhere(pid)
            isStopped -> refusal("process $pid is stopped, and cannot answer: let it continue by 'kill -CONT $pid'")
            listens -> null
            forbidsAttaching -> refusal("process $pid was started with -XX:+DisableAttachMechanism: start it without")
            wouldDie -> refusal("process $pid is a JVM that is about to begin or to end: try again")
            else -> null
        }
    }

internal fun gone(
    pid: Long,
    cause: Exception? = null,
) = Refusal(Why.GONE, "there is no process $pid: without a PID, this lists the JVMs that there are", cause)

internal fun ended(pid: Long) = Refusal(Why.GONE, "process $pid has ended")

private fun notYours(facts: ProcessFacts) =
    Refusal(
        Why.NOT_YOURS,
        "process ${facts.pid} belongs to ${facts.owner}, and you are ${facts.user}: run this as that user ('sudo -u ${facts.owner} ...')",
    )

private fun noJvm(pid: Long) =
    Refusal(Why.NOT_ATTACHABLE, "process $pid is no JVM: without a PID, this lists the JVMs that there are; the JVM may be a child of it")

private fun elsewhere(pid: Long) =
    Refusal(
        Why.NOT_ATTACHABLE,
        "process $pid is in a container with a network of its own: run this in the container, with the PID that the process has there",
    )

private fun ProcessFacts.refusal(message: String) = Refusal(Why.NOT_ATTACHABLE, message)

private const val ROOT = "root"
