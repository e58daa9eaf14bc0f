// SPDX-License-Identifier: Apache-2.0
package dev.simul.loop

import sun.misc.Signal
import sun.misc.SignalHandler

/**
 * The signal called [name], with or without `SIG` before it.
 *
 * @throws IllegalArgumentException if there is none.
 * @throws IllegalStateException on a JVM without the module `jdk.unsupported`, where [ProcessSignal] cannot be loaded.
 */
internal fun signalNamed(name: String): ProcessSignal =
    try {
        ProcessSignal.named(name.removePrefix("SIG"))
    } catch (e: IllegalArgumentException) {
        throw IllegalArgumentException("there is no signal '$name' on this system: give it by its name, as \"TERM\" or \"SIGTERM\"", e)
    } catch (e: LinkageError) {
        throw IllegalStateException("this JVM has no signals: add the module jdk.unsupported to it", e)
    }

/** A signal of this process and its receivers: the receiver added last gets it, or the JVM if there is none. */
internal class ProcessSignal private constructor(
    private val signal: Signal,
) : SignalHandler {
    private val receivers = ArrayDeque<Runnable>()

    /** The handler that was in place before this one. */
    private var before: SignalHandler? = null

    /** The name, without `SIG`. */
    val name: String get() = signal.name

    /** The system's number for the signal. */
    val number: Int get() = signal.number

    /**
     * Whether it never arrives, even if there is a receiver: the JVM leaves HUP, INT and TERM ignored if this process was started to ignore
     * them.
     *
     * Known only while there is a receiver.
     */
    val isIgnored: Boolean @Synchronized get() = before === SignalHandler.SIG_IGN && name in LEFT_IGNORED

    /**
     * Delivers the signal to [receiver], in a thread of its own, until the receiver is removed or another one is added.
     *
     * @throws IllegalArgumentException if the JVM refuses.
     */
    @Synchronized
    fun add(receiver: Runnable) {
        if (receivers.isEmpty()) install()
        receivers.addLast(receiver)
    }

    /**
     * Delivers the signal to [receiver] when no earlier receiver wants it any longer. Returns false, and does nothing, if the JVM's own
     * handler was not in place before.
     *
     * @throws IllegalArgumentException if the JVM refuses.
     */
    @Synchronized
    fun addUnderneath(receiver: Runnable): Boolean {
        if (receivers.isEmpty()) install()
        val isDefault = isOfTheJvm(before!!)
        if (isDefault) receivers.addFirst(receiver)
        if (receivers.isEmpty()) uninstall()
        return isDefault
    }

    @Synchronized
    fun remove(receiver: Runnable) {
        if (receivers.remove(receiver) && receivers.isEmpty()) uninstall()
    }

    private fun install() {
        val replaced = Signal.handle(signal, this)
        if (replaced !== this) before = replaced
    }

    /** A handler that has replaced this one meanwhile stays in place, and may restore it later. */
    private fun uninstall() {
        val replaced = Signal.handle(signal, before!!)
        if (replaced !== this) Signal.handle(signal, replaced)
    }

    override fun handle(signal: Signal) {
        val receiver = synchronized(this) { receivers.lastOrNull() }
        if (receiver == null) raiseAsBefore() else receiver.run()
    }

    /** Sends the signal to this process. */
    fun raise(): Unit = Signal.raise(signal)

    /** Makes the signal do what it would have done without receivers. */
    fun raiseAsBefore() {
        Signal.handle(signal, before!!)
        raise()
    }

    companion object {
        private val LEFT_IGNORED = setOf("HUP", "INT", "TERM")

        private val all = HashMap<Int, ProcessSignal>()

        /**
         * The signal called [name], without `SIG`: for [signalNamed].
         *
         * @throws IllegalArgumentException if there is none.
         */
        fun named(name: String): ProcessSignal {
            val signal = Signal(name)
            return synchronized(all) { all.getOrPut(signal.number) { ProcessSignal(signal) } }
        }

        private fun isOfTheJvm(handler: SignalHandler) =
            handler !== SignalHandler.SIG_IGN && handler.javaClass.module === Signal::class.java.module
    }
}
