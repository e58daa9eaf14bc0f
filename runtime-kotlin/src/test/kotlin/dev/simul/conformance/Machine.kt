// SPDX-License-Identifier: Apache-2.0
package dev.simul.conformance

import dev.simul.EagerTaskFactory
import dev.simul.Future
import dev.simul.Task
import dev.simul.TaskFactory
import dev.simul.TaskOptions
import dev.simul.context.Context
import dev.simul.context.ContextVar
import dev.simul.context.Token
import dev.simul.createTask
import dev.simul.currentTask
import dev.simul.gather
import dev.simul.gatherResults
import dev.simul.loop.EventLoop
import dev.simul.loop.ExceptionHandler
import dev.simul.loop.Handle
import dev.simul.newTask
import dev.simul.queues.LifoQueue
import dev.simul.queues.PriorityQueue
import dev.simul.queues.Queue
import dev.simul.runUntilComplete
import dev.simul.sync.Barrier
import dev.simul.sync.BoundedSemaphore
import dev.simul.sync.Condition
import dev.simul.sync.Event
import dev.simul.sync.Lock
import dev.simul.sync.Semaphore
import dev.simul.taskFactory
import java.util.Collections
import java.util.IdentityHashMap

/**
 * Runs one program on a loop with virtual time and keeps its trace; what each statement does is in `operations`.
 *
 * @param readsIntoBuffers whether `read` reads into a buffer, which CPython does not have, instead of returning an array.
 */
internal class Machine(
    private val program: Program,
    val time: VirtualTime = VirtualTime(),
    val readsIntoBuffers: Boolean = false,
) {
    val loop = EventLoop(time, time)
    val slots = HashMap<Any?, Future<*>>()
    val handles = HashMap<Any?, Handle>()
    val generators = HashMap<Any?, RunningGenerator>()
    val variable = ContextVar<Any?>("var", 0L)
    val variables = List(VARIABLES) { ContextVar<Any?>("v$it") }
    val tokens = HashMap<Any?, Token<Any?>>()
    val contexts = HashMap<Any?, Context>()

    private val trace = mutableListOf<String>()
    private val tasks = mutableListOf<Task<*>?>()

    /** The tasks that the program has made. */
    val created: List<Task<*>> get() = tasks.filterNotNull()

    private val labels = IdentityHashMap<Future<*>, String>()
    private var gatherings = 0
    private val waitsFor = IdentityHashMap<Future<*>, List<Future<*>>>()
    private val objects = program.objects.map(::make)

    init {
        loop.taskFactory = NumberedTasks()
        loop.exceptionHandler = ExceptionHandler { _, _ -> }
        objects.forEachIndexed { index, it -> if (it is Future<*>) labels[it] = "O$index" }
    }

    /** Runs the whole program and gives its trace. */
    fun run(): List<String> {
        val main = loop.createTask { call(0) }
        drive(main)
        trace += "main " + state(main)
        val rest = tasks.filterNotNull().filterNot { it.done() }
        rest.forEach { it.cancel() }
        if (rest.isNotEmpty()) drive(loop.newTask(TaskOptions("drain")) { gatherResults(rest).await() })
        tasks.filterNotNull().forEach { trace += "end ${it.name} ${state(it)}" }
        return trace.toList().also { loop.close() }
    }

    /** Runs the loop until [future] is done; what it failed with is in its state, which the trace shows. */
    private fun drive(future: Future<*>) {
        try {
            loop.runUntilComplete(future)
        } catch (_: Deadlock) {
            trace += "${number(time.seconds)} - DEADLOCK"
        } catch (exception: Throwable) {
            if (!future.done()) throw exception
        }
    }

    private fun make(spec: SharedObject): Any =
        when (spec.kind) {
            ObjectKind.Lock -> Lock()
            ObjectKind.Event -> Event()
            ObjectKind.Condition -> Condition()
            ObjectKind.Semaphore -> Semaphore(spec.size)
            ObjectKind.BoundedSemaphore -> BoundedSemaphore(spec.size)
            ObjectKind.Barrier -> Barrier(spec.size)
            ObjectKind.Queue -> Queue<Any?>(spec.size)
            ObjectKind.PriorityQueue -> PriorityQueue<Any>(spec.size, pythonOrder)
            ObjectKind.LifoQueue -> LifoQueue<Any?>(spec.size)
            ObjectKind.Future -> Future<Any?>(loop)
            ObjectKind.StreamReader -> Stream(spec.size, loop, ::log)
        }

    /** Names tasks by the order in which their creation began, which is not that of its end if they start eagerly. */
    private inner class NumberedTasks : TaskFactory {
        override fun <T> create(
            loop: EventLoop,
            coroutine: suspend () -> T,
            options: TaskOptions,
        ): Task<T> {
            val index = tasks.size
            val name = "Task-${index + 1}"
            tasks += null
            val named = options.withName(name)
            val task = if (program.eager) EagerTaskFactory.create(loop, coroutine, named) else loop.newTask(named, coroutine)
            tasks[index] = task
            labels[task] = name
            return task
        }
    }

    @Suppress("UNCHECKED_CAST")
    fun <T> shared(index: Int): T = objects[index] as T

    // Names and the trace

    fun log(text: String) {
        trace += "${number(time.seconds)} ${currentTask(loop)?.name ?: "-"} $text"
    }

    fun label(future: Future<*>): String = labels.getOrPut(future) { "F${++gatherings}" }

    /** The labels of [futures], tasks last, each kind by number. */
    fun labels(futures: Collection<Future<*>>): String =
        futures
            .map(::label)
            .sortedWith(compareBy({ it.first() }, { it.trimStart(*"Task-F".toCharArray()).toInt() }))
            .joinToString(prefix = "[", postfix = "]")

    // Futures

    fun slot(key: Any?): Future<*> = slots[key] ?: throw Missing()

    fun item(reference: Reference): Future<*> =
        when (reference) {
            is Reference.Slot -> slot(reference.key)
            is Reference.Fresh -> loop.createTask { call(reference.function) }
            is Reference.Shared -> shared(reference.index)
        }

    /** The futures in those of the slots that hold one. */
    @Suppress("UNCHECKED_CAST")
    fun filled(keys: List<Any>): List<Future<Any?>> = keys.mapNotNull { slots[it] as Future<Any?>? }

    fun gathering(
        references: List<Reference>,
        returnExceptions: Boolean,
    ): Future<*> {
        // One by one: a task that starts eagerly may fill a slot that comes later.
        val items = references.mapNotNull { if (it is Reference.Slot) slots[it.key] else item(it) }
        val future = if (returnExceptions) gatherResults(items) else gather(items)
        waitsFor[future] = items
        return future
    }

    /** Waits for [future], by [wait] if it is given, unless that would make the task wait for itself. */
    suspend fun waitOn(
        future: Future<*>,
        wait: suspend () -> Any? = { future.await() },
    ): Any? {
        val me = checkNotNull(currentTask(loop))
        if (reaches(future, me)) throw Missing()
        waitsFor[me] = listOf(future)
        try {
            return wait()
        } finally {
            waitsFor.remove(me)
        }
    }

    /** Whether [future] can only finish after [task] has. */
    private fun reaches(
        future: Future<*>,
        task: Task<*>,
        seen: MutableSet<Future<*>> = Collections.newSetFromMap(IdentityHashMap()),
    ): Boolean = future === task || (seen.add(future) && waitsFor[future].orEmpty().any { reaches(it, task, seen) })

    // Running

    suspend fun call(function: Int): Any? =
        try {
            block(program.functions[function], Frame())
            null
        } catch (result: Return) {
            result.value
        }

    suspend fun block(
        statements: List<Statement>,
        frame: Frame,
    ) {
        for (statement in statements) {
            try {
                operations.getValue(statement.operation)(this, frame, statement)
            } catch (_: Missing) {
                log("nil")
            } catch (exception: Throwable) {
                if (!isMisuse(exception) || program.strict || statement.operation in compound) throw exception
                log("! " + show(exception))
            }
        }
    }

    fun manager(index: Int): RunningManager = RunningManager(this, program.managers[index])

    fun open(generator: Int): RunningGenerator = RunningGenerator(this, program.generators[generator])
}

/** Statements made of statements: misuse that leaves them was reported inside, or should end the function. */
val compound = setOf("try", "repeat", "call", "timeout", "group", "with", "afor", "lines", "awith")

/** The order of Python's `<` for numbers and for strings; there is none between them. */
val pythonOrder: Comparator<Any> =
    Comparator { left, right ->
        when {
            left is Number && right is Number -> left.toDouble().compareTo(right.toDouble())
            left is String && right is String -> left.compareTo(right)
            else -> throw TypeError(ClassCastException("$left and $right have no order"))
        }
    }
