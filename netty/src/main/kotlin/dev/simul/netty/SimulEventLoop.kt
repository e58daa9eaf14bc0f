// SPDX-License-Identifier: Apache-2.0
package dev.simul.netty

import dev.simul.loop.EventLoop
import dev.simul.loop.ExceptionContext
import dev.simul.loop.FatalError
import dev.simul.loop.addCloseCallback
import io.netty.buffer.ByteBufAllocator
import io.netty.channel.Channel
import io.netty.channel.ChannelFuture
import io.netty.channel.ChannelPromise
import io.netty.channel.DefaultChannelPromise
import io.netty.channel.EventLoopGroup
import io.netty.channel.IoEventLoop
import io.netty.channel.IoHandle
import io.netty.channel.IoHandler
import io.netty.channel.IoRegistration
import io.netty.channel.nio.NioIoHandle
import io.netty.channel.nio.NioIoHandler
import io.netty.util.concurrent.AbstractEventExecutor
import io.netty.util.concurrent.Future
import io.netty.util.concurrent.Promise
import io.netty.util.concurrent.ScheduledFuture
import io.netty.util.concurrent.Ticker
import java.util.concurrent.Callable
import java.util.concurrent.ConcurrentLinkedQueue
import java.util.concurrent.RejectedExecutionException
import java.util.concurrent.TimeUnit

/** Netty's event loop that is [loop]: it has no thread, no selector and no queue of its own. */
internal class SimulEventLoop(
    val loop: EventLoop,
    private val whenTerminated: (SimulEventLoop) -> Unit,
) : AbstractEventExecutor(),
    IoEventLoop {
    private val ticker = LoopTicker(loop)
    private val allocator = LoopAllocator(loop)

    /** The tasks that are callbacks of the loop and have not run: those left when the loop closes still run. */
    private val tasks = ConcurrentLinkedQueue<LoopTask>()
    private val timers = LinkedHashSet<LoopTimer<*>>()
    private val handles = LinkedHashSet<HandleRegistration>()
    private val shutdown = GracefulShutdown(this)
    private val termination = Termination(this)

    /** The thread that closes the loop, while it does: it may touch the channels, although the loop does not run. */
    private var closer: Thread? = null
    private val closing = loop.addCloseCallback { loopCloses() }

    override fun next(): IoEventLoop = this

    override fun parent(): EventLoopGroup = this

    override fun ticker(): Ticker = ticker

    /** Whether this thread runs the loop, or closes it. */
    val isHere: Boolean get() = loop.isInLoop || closer === Thread.currentThread()

    override fun inEventLoop(): Boolean {
        if (!isHere) return false
        if (loop.debug) BlockingCalls.explain()
        return true
    }

    override fun inEventLoop(thread: Thread): Boolean =
        if (thread === Thread.currentThread()) inEventLoop() else closer === thread || loop.isInLoop(thread)

    // Channels.

    override fun register(channel: Channel): ChannelFuture = register(DefaultChannelPromise(channel, this))

    override fun register(promise: ChannelPromise): ChannelFuture = registerWith(promise.channel(), promise)

    @Deprecated("Deprecated in Java")
    override fun register(
        channel: Channel,
        promise: ChannelPromise,
    ): ChannelFuture = registerWith(channel, promise)

    /** A channel that has Netty's default allocator gets the loop's. */
    private fun registerWith(
        channel: Channel,
        promise: ChannelPromise,
    ): ChannelFuture {
        val config = channel.config()
        if (config.allocator === ByteBufAllocator.DEFAULT) config.allocator = allocator
        channel.unsafe().register(this, promise)
        return promise
    }

    override fun isCompatible(handleType: Class<out IoHandle>): Boolean = NioIoHandle::class.java.isAssignableFrom(handleType)

    override fun isIoType(handlerType: Class<out IoHandler>): Boolean = handlerType == NioIoHandler::class.java

    override fun register(handle: IoHandle): Future<IoRegistration> {
        val promise = newPromise<IoRegistration>()
        if (isHere) register(handle, promise) else execute { register(handle, promise) }
        return promise
    }

    private fun register(
        handle: IoHandle,
        promise: Promise<IoRegistration>,
    ) {
        val registration =
            try {
                registered(handle)
            } catch (e: Exception) {
                promise.setFailure(e)
                return
            }
        promise.setSuccess(registration)
    }

    private fun registered(handle: IoHandle): HandleRegistration {
        require(handle is NioIoHandle) { "$handle is not a NioIoHandle: the loop watches channels of java.nio, such as NioSocketChannel's" }
        if (!shutdown.accepts) throw rejection()
        val registration = HandleRegistration(this, handle)
        handles += registration
        handle.registered()
        return registration
    }

    fun forget(registration: HandleRegistration) {
        handles -= registration
    }

    // Tasks and timers.

    override fun execute(command: Runnable) {
        if (!shutdown.accepts) throw rejection()
        val task = LoopTask(command)
        tasks += task
        if (closer === Thread.currentThread()) return
        try {
            if (loop.isInLoop) loop.callSoon(callback = task) else loop.callSoonThreadsafe(callback = task)
        } catch (e: IllegalStateException) {
            // The loop has closed; the thread that closes it may have run the task.
            if (tasks.remove(task)) throw rejection(e)
        }
    }

    private fun rejection(cause: Throwable? = null) = RejectedExecutionException("$this has ended: ask the loop for another one", cause)

    /** A callback of the loop. */
    private inner class LoopTask(
        private val command: Runnable,
    ) : () -> Unit {
        override fun invoke() {
            if (tasks.remove(this)) run()
        }

        fun run() {
            shutdown.taskRuns()
            command.run()
        }

        override fun toString(): String = "of Netty's event loop: $command"
    }

    override fun <V> newPromise(): Promise<V> = LoopPromise(this)

    override fun schedule(
        command: Runnable,
        delay: Long,
        unit: TimeUnit,
    ): ScheduledFuture<*> = start(LoopTimer(this, calling(command), unit.toNanos(delay)))

    override fun <V> schedule(
        callable: Callable<V>,
        delay: Long,
        unit: TimeUnit,
    ): ScheduledFuture<V> = start(LoopTimer(this, callable, unit.toNanos(delay)))

    override fun scheduleAtFixedRate(
        command: Runnable,
        initialDelay: Long,
        period: Long,
        unit: TimeUnit,
    ): ScheduledFuture<*> {
        require(initialDelay >= 0) { "initialDelay is $initialDelay: it must not be negative" }
        require(period > 0) { "period is $period: it must be positive" }
        return start(LoopTimer(this, calling(command), unit.toNanos(initialDelay), Repetition.AtRate(unit.toNanos(period))))
    }

    override fun scheduleWithFixedDelay(
        command: Runnable,
        initialDelay: Long,
        delay: Long,
        unit: TimeUnit,
    ): ScheduledFuture<*> {
        require(initialDelay >= 0) { "initialDelay is $initialDelay: it must not be negative" }
        require(delay > 0) { "delay is $delay: it must be positive" }
        return start(LoopTimer(this, calling(command), unit.toNanos(initialDelay), Repetition.AfterDelay(unit.toNanos(delay))))
    }

    private fun calling(command: Runnable): Callable<Void?> =
        Callable {
            command.run()
            null
        }

    private fun <V> start(timer: LoopTimer<V>): LoopTimer<V> {
        if (!shutdown.accepts) throw rejection()
        if (isHere) timer.start() else execute(timer::start)
        return timer
    }

    fun add(timer: LoopTimer<*>) {
        timers += timer
    }

    fun forget(timer: LoopTimer<*>) {
        timers -= timer
    }

    /** Runs [block] in the loop's thread, or drops it if Netty's side has ended, and with it whatever the block would change. */
    fun runInLoop(block: () -> Unit) {
        if (isHere) return block()
        try {
            execute(block)
        } catch (_: RejectedExecutionException) {
            // Nothing is left to be changed.
        }
    }

    // The end.

    override fun isShuttingDown(): Boolean = shutdown.phase >= GracefulShutdown.Phase.SHUTTING_DOWN

    override fun isShutdown(): Boolean = shutdown.phase >= GracefulShutdown.Phase.SHUTDOWN

    override fun isTerminated(): Boolean = shutdown.phase == GracefulShutdown.Phase.TERMINATED

    override fun terminationFuture(): Future<*> = termination

    override fun awaitTermination(
        timeout: Long,
        unit: TimeUnit,
    ): Boolean = termination.await(timeout, unit)

    override fun shutdownGracefully(
        quietPeriod: Long,
        timeout: Long,
        unit: TimeUnit,
    ): Future<*> {
        require(quietPeriod >= 0) { "quietPeriod is $quietPeriod: it must not be negative" }
        require(timeout >= quietPeriod) { "timeout is $timeout: it must not be shorter than the quiet period, $quietPeriod" }
        shutdown.begin(unit.toNanos(quietPeriod), unit.toNanos(timeout))
        return termination
    }

    @Deprecated("Deprecated in Java")
    override fun shutdown(): Unit = shutdown.beginAtOnce()

    val hasTasks: Boolean get() = !tasks.isEmpty()

    val hasHandles: Boolean get() = handles.isNotEmpty()

    fun cancelTimers() {
        for (timer in timers.toList()) timer.cancel(false)
    }

    /** Closes what is registered, each thing after its registration, and reports those for which [report] has a message. */
    fun closeHandles(report: (HandleRegistration) -> String? = { null }) {
        for (registration in handles.toList()) {
            report(registration)?.let { tell(it, null, registration) }
            reporting(registration) { registration.close() }
        }
    }

    /** Runs the tasks that there are now, and no more of those that they add than [most]. */
    fun runTasks(most: Int = Int.MAX_VALUE) {
        var left = most
        while (left-- > 0) {
            val task = tasks.poll() ?: return
            reporting(task) { task.run() }
        }
    }

    /** Nothing is registered and nothing scheduled, and no task is left. */
    fun terminated() {
        closing.cancel()
        whenTerminated(this)
        termination.setSuccess(null)
    }

    private fun loopCloses() {
        closer = Thread.currentThread()
        try {
            closeHandles { if (it.isValid) "$it was open when its loop closed: close it before" else null }
            shutdown.finish()
        } finally {
            closer = null
        }
    }

    private inline fun reporting(
        what: Any,
        block: () -> Unit,
    ) = try {
        block()
    } catch (e: Throwable) {
        if (e is FatalError) throw e
        tell("Exception in callback $what", e, what)
    }

    private fun tell(
        message: String,
        exception: Throwable?,
        what: Any,
    ) = loop.callExceptionHandler(ExceptionContext(message, exception, mapOf("handle" to what)))

    // Calls that block.

    override fun <T> invokeAny(tasks: Collection<Callable<T>>): T {
        checkOutside("invokeAny")
        return super.invokeAny(tasks)
    }

    override fun <T> invokeAny(
        tasks: Collection<Callable<T>>,
        timeout: Long,
        unit: TimeUnit,
    ): T {
        checkOutside("invokeAny")
        return super.invokeAny(tasks, timeout, unit)
    }

    override fun <T> invokeAll(tasks: Collection<Callable<T>>): List<java.util.concurrent.Future<T>> {
        checkOutside("invokeAll")
        return super.invokeAll(tasks)
    }

    override fun <T> invokeAll(
        tasks: Collection<Callable<T>>,
        timeout: Long,
        unit: TimeUnit,
    ): List<java.util.concurrent.Future<T>> {
        checkOutside("invokeAll")
        return super.invokeAll(tasks, timeout, unit)
    }

    private fun checkOutside(method: String) {
        if (isHere) throw RejectedExecutionException("$method would block the loop: submit each task, and await its future")
    }

    override fun toString(): String = "<Netty's event loop on $loop>"
}

/** Netty's view of a loop's clock. */
private class LoopTicker(
    private val loop: EventLoop,
) : Ticker {
    override fun initialNanoTime(): Long = 0

    override fun nanoTime(): Long = loop.time().inWholeNanoseconds

    override fun sleep(
        delay: Long,
        unit: TimeUnit,
    ) {
        check(!loop.isInLoop) { "the loop's thread must not sleep: schedule a task, or await sleep(...)" }
        unit.sleep(delay)
    }
}
