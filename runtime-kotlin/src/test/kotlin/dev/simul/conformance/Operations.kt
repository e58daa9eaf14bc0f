// SPDX-License-Identifier: Apache-2.0
package dev.simul.conformance

import dev.simul.Future
import dev.simul.ReturnWhen
import dev.simul.Timeout
import dev.simul.aclosing
import dev.simul.asCompleted
import dev.simul.context.Context
import dev.simul.context.copyContext
import dev.simul.createTask
import dev.simul.currentTask
import dev.simul.queues.Queue
import dev.simul.shield
import dev.simul.sleep
import dev.simul.streams.LimitOverrunException
import dev.simul.streams.StreamReader
import dev.simul.sync.Barrier
import dev.simul.sync.Condition
import dev.simul.sync.Event
import dev.simul.sync.Lock
import dev.simul.sync.Semaphore
import dev.simul.taskGroup
import dev.simul.timeout
import dev.simul.use
import dev.simul.wait
import dev.simul.waitFor
import java.nio.ByteBuffer
import java.util.concurrent.TimeoutException
import kotlin.coroutines.Continuation
import kotlin.coroutines.EmptyCoroutineContext
import kotlin.coroutines.intrinsics.COROUTINE_SUSPENDED
import kotlin.coroutines.intrinsics.startCoroutineUninterceptedOrReturn

/** What a statement does. */
internal typealias Operation = suspend Machine.(frame: Frame, statement: Statement) -> Unit

private val control: Map<String, Operation> =
    mapOf(
        "log" to { _, it -> log(text(it[0])) },
        "sleep" to { _, it ->
            sleep(time.after(it.delay(0)))
            log("slept")
        },
        "raise" to { _, it -> throw Boom(it[0]) },
        "return" to { _, it -> throw Return(it[0]) },
        "repeat" to { frame, it -> repeat(it.number(0)) { _ -> block(it.block(1), frame) } },
        "call" to { _, it -> log("call=" + show(call(it.number(0)))) },
        "try" to { frame, it -> attempt(frame, it.block(0), it.handlers(1), it.optionalBlock(2)) },
    )

private suspend fun Machine.attempt(
    frame: Frame,
    body: List<Statement>,
    handlers: List<Handler>,
    finally: List<Statement>?,
) {
    try {
        block(body, frame)
    } catch (exception: Throwable) {
        if (exception is Return || exception is Deadlock) throw exception
        val handler = handlers.find { it.kind.matches(exception) } ?: throw exception
        log("caught " + show(exception))
        block(handler.block, frame)
        if (handler.reraise) throw exception
    } finally {
        if (finally != null) {
            log("finally")
            block(finally, frame)
        }
    }
}

private val tasks: Map<String, Operation> =
    mapOf(
        "spawn" to { _, it ->
            val task = loop.createTask(eagerStart = if (it.flag(2)) true else null) { call(it.number(1)) }
            slots[it[0]] = task
            log("spawn " + label(task))
        },
        "await" to { _, it ->
            val future = slot(it[0])
            log("await ${label(future)}=${show(waitOn(future))}")
        },
        "cancel" to { _, it ->
            val future = slot(it[0])
            log("cancel ${label(future)}=${text(future.cancel(it.text(1)))}")
        },
        "uncancel" to { _, _ -> log("uncancel=${currentTask()!!.uncancel()}") },
        "cancelling" to { _, _ -> log("cancelling=${currentTask()!!.cancelling()}") },
        "state" to { _, it ->
            val future = slot(it[0])
            log("${label(future)} ${state(future)}")
        },
        "on_done" to { _, it ->
            val future = slot(it[0])
            val label = label(future)
            future.addDoneCallback { done -> log("${text(it[1])} $label ${state(done)}") }
        },
    )

private val waiting: Map<String, Operation> =
    mapOf(
        "gather" to { _, it ->
            val future = gathering(it.references(0), it.flag(1))
            log("gather=" + show(waitOn(future)))
        },
        "gather_later" to { _, it ->
            val future = gathering(it.references(1), it.flag(2))
            slots[it[0]] = future
            log("gathering " + label(future))
        },
        "wait" to { _, it ->
            val timeout = it.deadline(2)?.let(time::after)
            val (done, pending) = wait(filled(it.slots(0)), timeout, returnWhen.getValue(it[1]))
            log("wait done=${labels(done)} pending=${labels(pending)}")
        },
        "wait_for" to { _, it ->
            val future = item(it.reference(0))
            log("wait_for=" + show(waitOn(future) { waitFor(future, it.deadline(1)?.let(time::after)) }))
        },
        "timeout" to { frame, it -> withTimeout(frame, it.deadline(0), it.block(1)) },
        "reschedule" to { frame, it ->
            val scope = frame.timeouts.lastOrNull() ?: throw Missing()
            scope.reschedule(it.deadline(0)?.let { delay -> loop.time() + time.after(delay) })
            log("rescheduled")
        },
        "shield" to { _, it -> log("shield=" + show(shield(item(it.reference(0))).await())) },
        "as_completed" to { _, it ->
            val futures = filled(it.slots(0)).toSet()
            if (futures.any { future -> future.done() }) throw Missing()
            for (earliest in asCompleted(futures, it.deadline(1)?.let(time::after))) {
                try {
                    log("completed=" + show(earliest.await()))
                } catch (boom: Boom) {
                    log("completed " + show(boom))
                } catch (timeout: TimeoutException) {
                    log("completed " + show(timeout))
                }
            }
        },
        "group" to { frame, it ->
            taskGroup { group ->
                frame.groups.addLast(group)
                try {
                    block(it.block(0), frame)
                } finally {
                    frame.groups.removeLast()
                }
            }
            log("group closed")
        },
        "group_spawn" to { frame, it ->
            val group = frame.groups.lastOrNull() ?: throw Missing()
            val task = group.createTask { call(it.number(1)) }
            slots[it[0]] = task
            log("group_spawn " + label(task))
        },
    )

private val returnWhen =
    mapOf<Any?, ReturnWhen>(
        "ALL" to ReturnWhen.ALL_COMPLETED,
        "FIRST" to ReturnWhen.FIRST_COMPLETED,
        "EXC" to ReturnWhen.FIRST_EXCEPTION,
    )

private suspend fun Machine.withTimeout(
    frame: Frame,
    delay: Double?,
    body: List<Statement>,
) {
    lateinit var opened: Timeout
    try {
        timeout(delay?.let(time::after)) { scope ->
            opened = scope
            frame.timeouts.addLast(scope)
            try {
                block(body, frame)
            } finally {
                frame.timeouts.removeLast()
            }
        }
    } finally {
        log("expired=${text(opened.expired())}")
    }
}

private val futures: Map<String, Operation> =
    mapOf(
        "fset" to { _, it ->
            shared<Future<Any?>>(it.number(0)).setResult(it[1])
            log("fset")
        },
        "fexc" to { _, it ->
            shared<Future<Any?>>(it.number(0)).setException(Boom(it[1]))
            log("fexc")
        },
        "fcancel" to { _, it -> log("fcancel=" + text(shared<Future<Any?>>(it.number(0)).cancel(it.text(1)))) },
        "fawait" to { _, it -> log("fawait=" + show(shared<Future<Any?>>(it.number(0)).await())) },
        "fstate" to { _, it -> log("fstate " + state(shared(it.number(0)))) },
    )

private val synchronization: Map<String, Operation> =
    mapOf(
        "acquire" to { _, it ->
            acquire(shared(it.number(0)))
            log("acquired")
        },
        "release" to { _, it ->
            release(shared(it.number(0)))
            log("released")
        },
        "locked" to { _, it -> log("locked=" + text(locked(shared(it.number(0))))) },
        "with" to { frame, it ->
            holding(shared(it.number(0))) {
                log("entered")
                block(it.block(1), frame)
            }
            log("left")
        },
        "eset" to { _, it ->
            shared<Event>(it.number(0)).set()
            log("eset")
        },
        "eclear" to { _, it ->
            shared<Event>(it.number(0)).clear()
            log("eclear")
        },
        "ewait" to { _, it ->
            shared<Event>(it.number(0)).wait()
            log("ewaited")
        },
        "cwait" to { _, it ->
            shared<Condition>(it.number(0)).wait()
            log("cwaited")
        },
        "notify" to { _, it ->
            shared<Condition>(it.number(0)).notify(it.number(1))
            log("notified")
        },
        "notify_all" to { _, it ->
            shared<Condition>(it.number(0)).notifyAll()
            log("notified all")
        },
        "bwait" to { _, it -> log("bwait=${shared<Barrier>(it.number(0)).wait()}") },
        "breset" to { _, it ->
            shared<Barrier>(it.number(0)).reset()
            log("breset")
        },
        "babort" to { _, it ->
            shared<Barrier>(it.number(0)).abort()
            log("baborted")
        },
    )

private suspend fun acquire(lock: Any) {
    when (lock) {
        is Lock -> lock.acquire()
        is Condition -> lock.acquire()
        is Semaphore -> lock.acquire()
    }
}

private suspend fun holding(
    lock: Any,
    action: suspend () -> Unit,
) {
    when (lock) {
        is Lock -> lock.use { action() }
        is Condition -> lock.use { action() }
        is Semaphore -> lock.use { action() }
    }
}

private fun release(lock: Any) {
    when (lock) {
        is Lock -> lock.release()
        is Condition -> lock.release()
        is Semaphore -> lock.release()
    }
}

private fun locked(lock: Any): Boolean =
    when (lock) {
        is Lock -> lock.locked()
        is Condition -> lock.locked()
        is Semaphore -> lock.locked()
        else -> error("$lock is no lock")
    }

private val queues: Map<String, Operation> =
    mapOf(
        "put" to { _, it ->
            shared<Queue<Any?>>(it.number(0)).put(it[1])
            log("put ${text(it[1])}")
        },
        "get" to { _, it -> log("get=" + text(shared<Queue<Any?>>(it.number(0)).get())) },
        "put_nowait" to { _, it ->
            shared<Queue<Any?>>(it.number(0)).putNowait(it[1])
            log("put ${text(it[1])}")
        },
        "get_nowait" to { _, it -> log("get=" + text(shared<Queue<Any?>>(it.number(0)).getNowait())) },
        "task_done" to { _, it ->
            shared<Queue<Any?>>(it.number(0)).taskDone()
            log("task_done")
        },
        "join" to { _, it ->
            shared<Queue<Any?>>(it.number(0)).join()
            log("joined")
        },
        "shutdown" to { _, it ->
            shared<Queue<Any?>>(it.number(0)).shutdown(it.flag(1))
            log("shut down")
        },
        "qsize" to { _, it ->
            val queue = shared<Queue<Any?>>(it.number(0))
            log("qsize=${queue.qsize()} empty=${text(queue.empty())} full=${text(queue.full())}")
        },
    )

private val callbacks: Map<String, Operation> =
    mapOf(
        "call_soon" to { _, it -> handles[it[0]] = loop.callSoon { log(text(it[1])) } },
        "call_later" to { _, it -> handles[it[0]] = loop.callLater(time.after(it.delay(1))) { log(text(it[2])) } },
        "handle_cancel" to { _, it ->
            val handle = handles[it[0]] ?: throw Missing()
            handle.cancel()
            log("handle cancelled=" + text(handle.cancelled()))
        },
        "var_set" to { _, it ->
            variable.set(it[0])
            log("var=${text(it[0])}")
        },
        "var_get" to { _, _ -> log("var=${text(variable.get())}") },
    )

private val generators: Map<String, Operation> =
    mapOf(
        "aopen" to { _, it ->
            if (it[0] in generators) throw Missing()
            generators[it[0]] = open(it.number(1))
        },
        "anext" to { _, it -> log("anext=" + show(generator(it[0]).items.anext())) },
        "asend" to { _, it -> log("asend=" + show(generator(it[0]).send(it[1]))) },
        "athrow" to { _, it -> log("athrow=" + show(generator(it[0]).items.athrow(Boom(it[1])))) },
        "aclose" to { _, it ->
            generator(it[0]).items.aclose()
            log("aclosed")
        },
        "afor" to { frame, it ->
            log("afor=${iterate(open(it.number(0)), it.number(1)) { block(it.block(2), frame) }}")
        },
    )

private fun Machine.generator(key: Any?): RunningGenerator = generators[key] ?: throw Missing()

/** Iterates until [generator] ends or gave [limit] items, closes it, and gives the number of items. */
private suspend fun Machine.iterate(
    generator: RunningGenerator,
    limit: Int,
    action: suspend () -> Unit,
): Int {
    var count = 0
    aclosing(generator.items) { items ->
        for (value in items) {
            log("item " + show(value))
            action()
            count++
            if (count == limit) break
        }
    }
    return count
}

private val contexts: Map<String, Operation> =
    mapOf(
        "awith" to { frame, it ->
            manager(it.number(0)).use { _ -> block(it.block(1), frame) }
            log("left")
        },
        "spawn_in" to { _, it ->
            val context = context(it[3])
            val task = loop.createTask(context = context, eagerStart = it.optionalFlag(2)) { call(it.number(1)) }
            slots[it[0]] = task
            log("spawn " + label(task))
        },
        "variable_set" to { _, it ->
            tokens[it[2]] = variables[it.number(0)].set(it[1])
            log("v${it.number(0)}=${text(it[1])}")
        },
        "variable_get" to { _, it -> logVariable(it.number(0)) },
        "variable_reset" to { _, it ->
            variables[it.number(0)].reset(tokens[it[1]] ?: throw Missing())
            logVariable(it.number(0))
        },
        "copy_context" to { _, it ->
            contexts[it[0]] = copyContext()
            log("copied")
        },
        "context_get" to { _, it ->
            log("context v${it.number(1)}=${text(context(it[0])!!.get(variables[it.number(1)], "unset"))}")
        },
        "run_in" to { frame, it ->
            context(it[0])!!.run { atOnce { block(it.block(1), frame) } }
            log("ran")
        },
        "call_soon_in" to { _, it -> handles[it[0]] = loop.callSoon(context(it[1])) { touch(it.number(2)) } },
        "on_done_in" to { _, it -> slot(it[0]).addDoneCallback(context(it[1])) { _ -> touch(it.number(2)) } },
    )

private fun Machine.context(key: Any?): Context? = key?.let { contexts[it] ?: throw Missing() }

private fun Machine.logVariable(index: Int) = log("v$index=${text(variables[index].get("unset"))}")

/** A callback that shows in which context it runs. */
private fun Machine.touch(index: Int) {
    logVariable(index)
    variables[index].set("touched$index")
}

/** Runs [block], which must not await. */
private fun atOnce(block: suspend () -> Unit) {
    val result = block.startCoroutineUninterceptedOrReturn(Continuation(EmptyCoroutineContext) { error("it awaits") })
    check(result != COROUTINE_SUSPENDED) { "it awaits" }
}

private val streams: Map<String, Operation> =
    mapOf(
        "feed" to { _, it -> feed(it.number(0), it.data(1)) },
        "feed_later" to { _, it -> later(it.deadline(1)) { feed(it.number(0), it.data(2)) } },
        "feed_eof" to { _, it -> feedEof(it.number(0)) },
        "eof_later" to { _, it -> later(it.deadline(1)) { feedEof(it.number(0)) } },
        "break" to { _, it ->
            reader(it).setException(Boom(it[1]))
            log("broken")
        },
        "receive" to { _, it ->
            connected(it).receive(it.data(1))
            log("fed")
        },
        "receive_eof" to { _, it -> log("receive_eof=" + text(connected(it).protocol.eofReceived())) },
        "lose" to { _, it ->
            connected(it).protocol.connectionLost(it[1]?.let(::Boom))
            shared<Stream>(it.number(0)).isLost = true
            log("lost")
        },
        "at_eof" to { _, it -> log("at_eof=" + text(reader(it).atEof())) },
        "reader" to { _, it ->
            val reader = reader(it)
            log((listOf("reader") + readerState(reader.toString()) + listOfNotNull(reader.exception()?.let(::show))).joinToString(" "))
        },
        "read" to { _, it -> log("read=" + show(read(reader(it), it.number(1)))) },
        "readexactly" to { _, it -> log("readexactly=" + show(reader(it).readexactly(it.number(1)))) },
        "readuntil" to { _, it ->
            val separators = it.texts(1).map(String::encodeToByteArray)
            val one = separators.singleOrNull().takeIf { _ -> it[1] is String }
            log("readuntil=" + show(if (one != null) reader(it).readuntil(one) else reader(it).readuntil(separators)))
        },
        "readline" to { _, it -> log("readline=" + show(orValueError { reader(it).readline() })) },
        "lines" to { frame, it -> log("lines=${iterate(reader(it), it.number(1)) { block(it.block(2), frame) }}") },
    )

private fun Machine.reader(statement: Statement): StreamReader = shared<Stream>(statement.number(0)).reader

private fun Machine.connected(statement: Statement): Stream = shared<Stream>(statement.number(0)).also { if (it.isLost) throw Missing() }

/** The text that is the argument at [index], as many times as the next one says. */
private fun Statement.data(index: Int): ByteArray = text(index)!!.repeat(number(index + 1)).encodeToByteArray()

private fun Machine.feed(
    stream: Int,
    data: ByteArray,
) {
    shared<Stream>(stream).reader.feedData(data)
    log("fed")
}

private fun Machine.feedEof(stream: Int) {
    shared<Stream>(stream).reader.feedEof()
    log("fed eof")
}

/** In the next turn if there is no delay at all. */
private fun Machine.later(
    delay: Double?,
    callback: () -> Unit,
) {
    if (delay == null) loop.callSoon(callback = callback) else loop.callLater(time.after(delay), callback = callback)
}

/** How much of a buffer is in use already when a program reads into it. */
private const val USED = 3

private suspend fun Machine.read(
    reader: StreamReader,
    n: Int,
): ByteArray {
    if (!readsIntoBuffers || n < 0) return reader.read(n)
    val buffer = ByteBuffer.allocate(USED + n).position(USED)
    reader.read(buffer)
    return buffer.array().copyOfRange(USED, buffer.position())
}

/** What CPython's `readline` makes of a line that is too long. */
private suspend fun <T> orValueError(read: suspend () -> T): T =
    try {
        read()
    } catch (overrun: LimitOverrunException) {
        throw IllegalArgumentException(overrun)
    }

/** Iterates over the lines until they end or are [limit], and gives their number. */
private suspend fun Machine.iterate(
    reader: StreamReader,
    limit: Int,
    action: suspend () -> Unit,
): Int {
    val lines = reader.iterator()
    var count = 0
    while (count != limit && orValueError { lines.hasNext() }) {
        log("line " + show(lines.next()))
        action()
        count++
    }
    return count
}

/** Every operation of the language. */
internal val operations: Map<String, Operation> =
    control + tasks + waiting + futures + synchronization + queues + callbacks + generators + contexts + streams
