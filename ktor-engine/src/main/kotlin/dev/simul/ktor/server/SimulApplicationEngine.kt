// SPDX-License-Identifier: Apache-2.0
package dev.simul.ktor.server

import dev.simul.createTask
import dev.simul.currentTask
import dev.simul.http.HttpServerOptions
import dev.simul.ktor.simulatedLoop
import dev.simul.loop.EventLoop
import dev.simul.loop.SimulationApi
import dev.simul.loop.addCloseCallback
import dev.simul.loop.getRunningLoop
import dev.simul.loop.getRunningLoopOrNull
import dev.simul.loop.tellThreadWaits
import dev.simul.runLoop
import dev.simul.workers.WorkerOptions
import io.ktor.events.Events
import io.ktor.events.raiseCatching
import io.ktor.server.application.Application
import io.ktor.server.application.ApplicationEnvironment
import io.ktor.server.application.ApplicationStopPreparing
import io.ktor.server.application.ServerReady
import io.ktor.server.engine.ApplicationEngine
import io.ktor.server.engine.BaseApplicationEngine
import io.ktor.server.engine.EngineConnectorConfig
import kotlinx.coroutines.CancellationException
import kotlinx.coroutines.CompletableDeferred
import kotlinx.coroutines.ExperimentalCoroutinesApi
import kotlinx.coroutines.Job
import kotlinx.coroutines.runBlocking
import kotlinx.coroutines.withTimeoutOrNull
import java.util.concurrent.atomic.AtomicReference
import kotlin.concurrent.thread
import kotlin.time.Duration
import kotlin.time.Duration.Companion.milliseconds

/**
 * Ktor's server on an event loop; see [Simul].
 *
 * @property configuration what it was made with.
 */
public class SimulApplicationEngine internal constructor(
    environment: ApplicationEnvironment,
    monitor: Events,
    developmentMode: Boolean,
    public val configuration: Configuration,
    private val applicationProvider: () -> Application,
) : BaseApplicationEngine(environment, monitor, developmentMode) {
    /** How the server treats its clients, and where it runs. Ktor's sizes of thread groups have no meaning: [workers] counts. */
    public class Configuration : BaseApplicationEngine.Configuration() {
        /** Limits and timeouts: how long heads and bodies may be and may take, and how many connections there may be. */
        public var http: HttpServerOptions = HttpServerOptions()

        /** How many connections may be queued until they are accepted. */
        public var backlog: Int = 1024

        /** Whether to bind an address at which connections of an earlier server still linger. */
        public var reuseAddress: Boolean = true

        /** Whether several sockets, possibly of several processes, may listen on one address. */
        public var reusePort: Boolean = false

        /**
         * The loop it runs on: the one in which the server is made, if any. Null stands for a loop of its own, in a daemon thread, which begins
         * with [start] and ends with [stop]; in a simulation, which has no other threads, for the loop of the host that makes the server.
         */
        public var loop: EventLoop? = getRunningLoopOrNull()

        /**
         * How many loops, each with a thread of its own, answer requests: as many as the server shall have processors. With one, the default,
         * [loop] answers. With more, they share the connectors' sockets: [loop] accepts connections, deals each to the worker with the fewest,
         * and replaces workers that fail or hang, see [dev.simul.workers.Supervisor].
         *
         * The application, its plugins and its pipelines are one for all workers. So **handlers run in several threads at the same time**: what
         * they share has to be safe for that, as with Ktor's other engines; a lock, an event or a queue of one loop is not. A call stays in its
         * worker, and so does its connection. A task in one of them that throws a `SystemExit` ends the server.
         *
         * Leave it at one in a worker of `serve`, where each worker makes a server of its own.
         */
        public var workers: Int = 1

        /** How workers are watched and replaced, if there are several. Their grace at the end is that of [stop], and not of these. */
        public var workerOptions: WorkerOptions = WorkerOptions()
    }

    /** A request to stop: how long clients may take to finish, and how long everything may take; or what has ended the server. */
    private class Stop(
        val grace: Duration,
        val limit: Duration,
        val failure: Throwable? = null,
    )

    init {
        require(configuration.workers > 0) { "${configuration.workers} workers cannot serve: there must be one at least" }
    }

    private val started = CompletableDeferred<Unit>()
    private val stopped = Job()

    private val stopRequest = CompletableDeferred<Stop>()

    /** Where it runs; null for a loop of its own. */
    private val chosenLoop: EventLoop? = configuration.loop ?: simulatedLoop()

    /** Whether it has been told to start, and so can be told to stop. */
    @Volatile
    private var hasBegun = false

    /** The loop that serves; null until its task begins. */
    @Volatile
    private var loop: EventLoop? = null

    @Volatile
    private var servers: EngineServers? = null

    /** Whether the calling thread must not be blocked, since the server would wait for it. */
    private val isHere: Boolean get() = (loop ?: chosenLoop)?.isInLoop == true || servers?.isHere == true

    /**
     * Begins to serve. Returns when the connectors are bound, or with [wait] when the server has stopped. If the application has a parent job,
     * the server stops with that.
     *
     * In the thread of the loop that it runs on, it returns at once: clients can connect, unless there are several workers, and after a turn or
     * more `resolvedConnectors()` tells the ports.
     *
     * @throws IllegalStateException with [wait] in the thread of the loop that it runs on, which it would block: use `startSuspend` there.
     * @throws IllegalStateException if several workers have not begun to serve when it is told to stop.
     * @throws java.io.IOException if a connector cannot be bound.
     */
    override fun start(wait: Boolean): SimulApplicationEngine {
        if (chosenLoop?.isInLoop == true) return startInLoop(wait)
        return runBlocking { startSuspend(wait) }
    }

    @OptIn(ExperimentalCoroutinesApi::class)
    private fun startInLoop(wait: Boolean): SimulApplicationEngine {
        check(!wait) { "start(wait = true) would block the loop that the server runs on: call startSuspend(wait = true) instead" }
        begin()
        if (started.isCompleted) started.getCompletionExceptionOrNull()?.let { throw it }
        started.invokeOnCompletion {
            if (it == null) {
                monitor.raiseCatching(
                    ServerReady,
                    environment,
                    environment.log,
                )
            } else {
                environment.log.error("The server cannot start", it)
            }
        }
        return this
    }

    /** As [start], without blocking the thread. */
    override suspend fun startSuspend(wait: Boolean): SimulApplicationEngine {
        begin()
        started.await()
        monitor.raiseCatching(ServerReady, environment, environment.log)
        if (wait) joinStopped()
        return this
    }

    private fun begin() {
        hasBegun = true
        val parent = applicationProvider().parentCoroutineContext[Job]
        val watch = parent?.invokeOnCompletion { requestStop(configuration.shutdownGracePeriod, configuration.shutdownTimeout) }
        stopped.invokeOnCompletion { watch?.dispose() }
        val loop = chosenLoop
        if (loop?.isInLoop == true) {
            loop.createTask("ktor-server", eagerStart = true) { serve() }
        } else if (loop == null) {
            thread(isDaemon = true, name = "simul-server", contextClassLoader = environment.classLoader) { runLoop { serve() } }
        } else {
            loop.callSoonThreadsafe { loop.createTask("ktor-server") { serve() } }
        }
    }

    /** Serves until it is told to stop, or cancelled. */
    private suspend fun serve() {
        val loop = getRunningLoop().also { loop = it }
        // A loop that is closed, as that of a host that crashes, drops this task.
        val ofLoop = loop.addCloseCallback(callback = ::loopClosed)
        val servers = newServers().also { servers = it }
        try {
            resolvedConnectorsDeferred.complete(open(servers))
            started.complete(Unit)
            val stop = stopRequest.await()
            stop.failure?.let { throw it }
            monitor.raiseCatching(ApplicationStopPreparing, environment, environment.log)
            servers.shutDown(stop.grace, stop.limit - stop.grace)
        } catch (e: Throwable) {
            val hadStarted = started.isCompleted
            try {
                servers.shutDown(Duration.ZERO, Duration.ZERO)
            } finally {
                started.completeExceptionally(e)
                resolvedConnectorsDeferred.completeExceptionally(e)
            }
            if (hadStarted) throw e
        } finally {
            ofLoop.cancel()
            stopped.complete()
        }
    }

    /** Opens [servers]. Workers may take long to serve: that is given up when this is told to stop. */
    @OptIn(ExperimentalCoroutinesApi::class)
    private suspend fun open(servers: EngineServers): List<EngineConnectorConfig> {
        if (configuration.workers == 1) return servers.open()
        val task = currentTask()!!
        val loop = getRunningLoop()
        var isOpening = true
        val watch = stopRequest.invokeOnCompletion { if (!loop.isClosed) loop.callSoonThreadsafe { if (isOpening) task.cancel() } }
        try {
            return servers.open()
        } catch (e: CancellationException) {
            if (!stopRequest.isCompleted) throw e
            throw stopRequest.getCompleted().failure ?: IllegalStateException("the server was told to stop before it served")
        } finally {
            isOpening = false
            watch.dispose()
        }
    }

    private fun loopClosed() {
        val failure = CancellationException("the loop of the server was closed")
        started.completeExceptionally(failure)
        resolvedConnectorsDeferred.completeExceptionally(failure)
        stopped.complete()
    }

    private fun newServers(): EngineServers {
        val inherited = InheritedContext()
        val newCalls = { SimulCalls(pipeline, applicationProvider, inherited) }
        if (configuration.workers == 1) return LoopServers(configuration, newCalls())
        return WorkerServers(configuration, newCalls, ::workersEnded)
    }

    private fun workersEnded(failure: Throwable) {
        stopRequest.complete(Stop(Duration.ZERO, Duration.ZERO, failure))
    }

    /**
     * Stops accepting connections, and closes those that are idle; the others follow, each after its answer. Handlers that have not ended
     * after [gracePeriodMillis] are cancelled. Returns when everything is closed, or after [timeoutMillis]; in the thread of a loop that it
     * runs on, which must not be blocked, at once.
     */
    override fun stop(
        gracePeriodMillis: Long,
        timeoutMillis: Long,
    ) {
        requestStop(gracePeriodMillis, timeoutMillis)
        if (isHere) return
        runBlocking { awaitStop(timeoutMillis) }
    }

    /** As [stop], without blocking the thread: it returns when everything is closed in any thread. */
    override suspend fun stopSuspend(
        gracePeriodMillis: Long,
        timeoutMillis: Long,
    ) {
        requestStop(gracePeriodMillis, timeoutMillis)
        awaitStop(timeoutMillis)
    }

    private fun requestStop(
        gracePeriodMillis: Long,
        timeoutMillis: Long,
    ) {
        if (hasBegun) stopRequest.complete(Stop(gracePeriodMillis.milliseconds, timeoutMillis.milliseconds))
    }

    private suspend fun awaitStop(timeoutMillis: Long) {
        if (!hasBegun) return
        withTimeoutOrNull(timeoutMillis + SPARE_MILLIS) { joinStopped() }
    }

    /** Ktor starts and stops servers in a thread of its own, which then waits: a simulation's time must pass meanwhile. */
    @OptIn(SimulationApi::class)
    private suspend fun joinStopped() {
        val loop = chosenLoop?.takeUnless { it.isInLoop } ?: return stopped.join()
        val wait = AtomicReference(Wait.BEFORE)
        val end = { if (wait.getAndSet(Wait.AFTER) == Wait.WAITING) loop.tellThreadWaits(false) }
        stopped.invokeOnCompletion { end() }
        if (wait.compareAndSet(Wait.BEFORE, Wait.WAITING)) loop.tellThreadWaits(true)
        try {
            stopped.join()
        } finally {
            end()
        }
    }

    private enum class Wait { BEFORE, WAITING, AFTER }

    override fun toString(): String = "<SimulApplicationEngine of ${environment.log.name}>"

    private companion object {
        /** For what has to be done after the last connection is closed. */
        const val SPARE_MILLIS = 1000L
    }
}
