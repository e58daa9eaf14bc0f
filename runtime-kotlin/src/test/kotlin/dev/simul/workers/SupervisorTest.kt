// SPDX-License-Identifier: Apache-2.0
package dev.simul.workers

import dev.simul.createTask
import dev.simul.exceptions.CancelledException
import dev.simul.exceptions.SystemExit
import dev.simul.gather
import dev.simul.loop.EventLoop
import dev.simul.loop.getRunningLoop
import dev.simul.net.Server
import dev.simul.net.freePort
import dev.simul.net.onSockets
import dev.simul.net.use
import dev.simul.recordReports
import dev.simul.repeating.Backoff
import dev.simul.sleep
import dev.simul.streams.startServer
import dev.simul.sync.Event
import io.kotest.assertions.throwables.shouldThrow
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.collections.shouldBeEmpty
import io.kotest.matchers.collections.shouldContain
import io.kotest.matchers.collections.shouldContainExactly
import io.kotest.matchers.collections.shouldContainExactlyInAnyOrder
import io.kotest.matchers.collections.shouldHaveSize
import io.kotest.matchers.shouldBe
import io.kotest.matchers.shouldNotBe
import io.kotest.matchers.string.shouldContain
import io.kotest.matchers.string.shouldEndWith
import java.net.BindException
import java.net.ConnectException
import java.util.concurrent.ConcurrentLinkedQueue
import java.util.concurrent.CountDownLatch
import java.util.concurrent.atomic.AtomicBoolean
import java.util.concurrent.atomic.AtomicInteger
import kotlin.time.Duration
import kotlin.time.Duration.Companion.milliseconds
import kotlin.time.Duration.Companion.minutes
import kotlin.time.Duration.Companion.seconds

class SupervisorTest :
    FunSpec({
        context("dealing") {
            test("connections go to the worker that has the fewest, in turn") {
                val meeting = Meeting()
                supervising(3, main = { meeting.serve(::echo) }) { supervisor ->
                    supervisor.waitServing()
                    val clients = List(6) { meeting.connect().also { client -> client.ask("") } }
                    supervisor.workers.map { it.connections } shouldContainExactly listOf(2, 2, 2)
                    val served = clients.map { it.ask("").substringBefore('.') }
                    served.groupingBy { it }.eachCount() shouldBe mapOf("1" to 2, "2" to 2, "3" to 2)
                    clients.forEach { it.writer.aclose() }
                }
            }

            test("a worker that has fewer connections gets the next ones") {
                val meeting = Meeting()
                supervising(2, main = { meeting.serve(::echo) }) { supervisor ->
                    supervisor.waitServing()
                    val clients = List(6) { meeting.connect().also { client -> client.ask("") } }
                    val ofFirst = clients.filter { it.ask("").startsWith("1.") }
                    ofFirst.forEach { it.writer.aclose() }
                    until { supervisor.workers.first().connections == 0 }
                    val next = List(3) { meeting.connect() }
                    next.map { it.ask("who") } shouldContainExactly List(3) { "1.1 who" }
                    (clients + next).forEach { it.writer.aclose() }
                }
            }

            test("a worker's server has the address of the listener, and closing it leaves the listener open") {
                val meeting = Meeting()
                val servers = ConcurrentLinkedQueue<Server>()
                val main: suspend () -> Unit = {
                    servers += meeting.open(::echo)
                    sleep(10.minutes)
                }
                supervising(2, main = main) { supervisor ->
                    until { servers.size == 2 }
                    supervisor.waitServing()
                    servers.map { it.addresses }.distinct() shouldHaveSize 1
                    val first = supervisor.workers.first()
                    val server = servers.first { it.loop === first.loop }
                    first.loop.callSoonThreadsafe { server.close() }
                    until { first.shares.isEmpty() }
                    List(4) { meeting.ask("who") } shouldContainExactly List(4) { "2.1 who" }
                }
            }

            test("while no worker has a server the system queues connections") {
                val meeting = Meeting()
                val opened = AtomicInteger()
                val main: suspend () -> Unit = {
                    val server = meeting.open(::echo)
                    if (opened.incrementAndGet() == 1) {
                        until { meeting.isLeft }
                        throw ArithmeticException("wrong")
                    }
                    server.serveForever()
                }
                supervising(1, QUICK.withPause(300.milliseconds), main) { supervisor ->
                    val reports = getRunningLoop().recordReports()
                    supervisor.waitServing()
                    meeting.isLeft = true
                    until { reports.isNotEmpty() }
                    meeting.ask("who") shouldBe "1.2 who"
                }
            }

            test("a second server of a worker at the same port is refused, at any free port it has its own") {
                val meeting = Meeting()
                val refusals = ConcurrentLinkedQueue<Throwable>()
                val ports = ConcurrentLinkedQueue<List<Any>>()
                val main: suspend () -> Unit = {
                    val first = meeting.open(::echo)
                    val second = startServer("127.0.0.1", 0, clientConnected = ::echo)
                    ports += listOf(first.addresses.single(), second.addresses.single())
                    val port = freePort()
                    val third = runCatching { startServer("127.0.0.1", port, clientConnected = ::echo) }
                    if (third.isSuccess) {
                        val fourth = runCatching { startServer("127.0.0.1", port, clientConnected = ::echo) }
                        refusals += fourth.exceptionOrNull()!!
                    }
                    sleep(10.minutes)
                }
                supervising(1, main = main) {
                    it.waitServing()
                    until { refusals.size == 1 }
                    (refusals.single() as BindException).message shouldContain "is in use by another server of simul-worker-1"
                    ports.single().distinct() shouldHaveSize 2
                }
            }
        }

        context("a worker that fails") {
            test("is reported and replaced, and its replacement has the same port") {
                val meeting = Meeting()
                val main: suspend () -> Unit = {
                    val failing = Event()
                    val server =
                        meeting.open { reader, writer ->
                            if (reader.readline().decodeToString() == "fail\n") failing.set()
                            writer.write("${currentWorker()!!.generation}\n".toByteArray())
                            writer.aclose()
                        }
                    server.use {
                        failing.wait()
                        throw ArithmeticException("wrong")
                    }
                }
                supervising(1, main = main) { supervisor ->
                    val reports = getRunningLoop().recordReports()
                    supervisor.waitServing()
                    val port = meeting.port
                    meeting.ask("") shouldBe "1"
                    meeting.ask("fail")
                    until { reports.isNotEmpty() }
                    reports.single().message shouldBe "simul-worker-1 has failed, and is replaced in 10ms"
                    reports.single().exception!!.message shouldBe "wrong"
                    until { supervisor.workers.single().generation == 2 }
                    supervisor.waitServing()
                    meeting.port shouldBe port
                    meeting.ask("") shouldBe "2"
                }
            }

            test("pauses longer each time, until it has lived for long enough") {
                val times = ConcurrentLinkedQueue<Duration>()
                val main: suspend () -> Unit = {
                    times += currentWorker()!!.loop.time()
                    if (times.size == 4) sleep(100.milliseconds)
                    if (times.size < 6) throw ArithmeticException("wrong") else sleep(10.minutes)
                }
                val options =
                    WorkerOptions(backoff = Backoff.exponential(20.milliseconds), stableAfter = 90.milliseconds)
                supervising(1, options, main) {
                    val reports = getRunningLoop().recordReports()
                    until { times.size == 6 }
                    reports.map { it.message.substringAfter("in ") } shouldContainExactly listOf("20ms", "40ms", "80ms", "20ms", "40ms")
                }
            }

            test("that returns has ended, and when all have, so has the supervisor") {
                onSockets {
                    val supervisor = Supervisor(3, QUICK) {}
                    supervisor.serveForever()
                    supervisor.workers.shouldBeEmpty()
                    shouldThrow<IllegalStateException> { supervisor.start() }
                }
            }

            test("that exits ends all others, and the supervisor") {
                val cancelled = AtomicInteger()
                onSockets {
                    val supervisor =
                        Supervisor(3, QUICK) {
                            if (currentWorker()!!.id == 2) {
                                until { cancelled.get() == 0 }
                                throw SystemExit(7)
                            }
                            try {
                                sleep(10.minutes)
                            } catch (e: CancelledException) {
                                cancelled.incrementAndGet()
                                throw e
                            }
                        }
                    // It leaves the loop if it is thrown in a task.
                    supervisor.start()
                    until { supervisor.workers.isEmpty() }
                    (runCatching { supervisor.waitClosed() }.exceptionOrNull() as SystemExit).code shouldBe 7
                }
                (cancelled.get() <= 2) shouldBe true
            }
        }

        test("a worker whose main has ended gets no connections, and is given up and replaced if its loop does not end") {
            val meeting = Meeting()
            val released = AtomicBoolean()
            val main: suspend () -> Unit = {
                val server = meeting.open(::echo)
                if (currentWorker()!!.id == 1 && currentWorker()!!.generation == 1) {
                    createTask { stayUntil { released.get() } }
                    until { meeting.isLeft }
                    throw ArithmeticException("wrong")
                }
                server.serveForever()
            }
            val options = WorkerOptions(Backoff.constant(10.milliseconds), grace = 300.milliseconds, forcedGrace = 50.milliseconds)
            supervising(2, options, main) { supervisor ->
                val reports = getRunningLoop().recordReports()
                supervisor.waitServing()
                val first = supervisor.workers.first()
                meeting.isLeft = true
                until { first.mainEnd != null }
                until { first.shares.isEmpty() }
                List(4) { meeting.ask("who") } shouldContainExactly List(4) { "2.1 who" }
                until { first.state == WorkerState.HUNG }
                supervisor.waitServing()
                supervisor.workers.map { it.id to it.generation } shouldContainExactly listOf(1 to 1, 1 to 2, 2 to 1)
                reports.map { it.exception!!.message } shouldContainExactly
                    listOf("simul-worker-1 has not ended 50ms after all its tasks were cancelled", "wrong")
                released.set(true)
                until { first.state == WorkerState.ENDED }
                reports shouldHaveSize 2
            }
        }

        context("a worker that does not answer") {
            test("does so too when its loop is closed and its thread has not ended") {
                onSockets {
                    val closed = EventLoop().also { it.close() }
                    val health = Health(Worker(1, 1, closed))
                    repeat(3) { health.ask(this, 1.seconds) { error("it cannot answer") } }
                    health.unanswered shouldBe 2.seconds
                }
            }

            test("gets no connections until it does, and what was dealt to it goes to others") {
                val meeting = Meeting()
                val isHeld = CountDownLatch(1)
                val release = CountDownLatch(1)
                supervising(2, main = { meeting.serve(::echo) }) { supervisor ->
                    supervisor.waitServing()
                    val first = supervisor.workers.first()
                    first.loop.callSoonThreadsafe {
                        isHeld.countDown()
                        release.await()
                    }
                    isHeld.await()
                    val clients = List(8) { getRunningLoop().createTask { meeting.ask("who") } }
                    gather(clients).await() shouldContainExactly List(8) { "2.1 who" }
                    first.state shouldBe WorkerState.UNRESPONSIVE
                    release.countDown()
                    until { first.state == WorkerState.RUNNING }
                    List(4) { meeting.connect() }.map { client ->
                        client.ask("who").also { client.writer.aclose() }
                    } shouldContain "1.1 who"
                }
            }

            test("is replaced in the end, with a report of what it does, and ends when it answers after all") {
                val meeting = Meeting()
                val releaseSecond = CountDownLatch(1)
                val release = CountDownLatch(1)
                val options =
                    WorkerOptions(
                        pingInterval = 20.milliseconds,
                        unresponsiveAfter = 200.milliseconds,
                        hangTimeout = 1.seconds,
                        maxHung = 1,
                    )
                supervising(1, options, { meeting.serve(::echo) }) { supervisor ->
                    val reports = getRunningLoop().recordReports()
                    supervisor.waitServing()
                    val first = supervisor.workers.single()
                    first.loop.callSoonThreadsafe { hangUntil(release) }
                    until { supervisor.workers.size == 2 }
                    first.state shouldBe WorkerState.HUNG
                    supervisor.waitServing()
                    meeting.ask("who") shouldBe "1.2 who"
                    reports.single().message shouldContain "hangs: its loop has not answered for"
                    reports.single().exception!!.stackTrace.map { it.methodName } shouldContain "hangUntil"

                    val second = supervisor.workers.last()
                    second.loop.callSoonThreadsafe { hangUntil(releaseSecond) }
                    until { reports.size == 2 }
                    reports.last().message shouldContain "is not replaced: 1 that hang were left to themselves already"
                    second.state shouldBe WorkerState.UNRESPONSIVE
                    releaseSecond.countDown()
                    until { second.state == WorkerState.RUNNING }
                    release.countDown()
                    until { first.state == WorkerState.ENDED }
                    supervisor.workers shouldContainExactly listOf(second)
                    meeting.ask("who") shouldBe "1.2 who"
                }
            }
        }

        test("a hung worker that comes back ends when its grace is over, even if a client does not leave") {
            val meeting = Meeting()
            val release = CountDownLatch(1)
            val options =
                WorkerOptions(
                    pingInterval = 20.milliseconds,
                    unresponsiveAfter = 200.milliseconds,
                    hangTimeout = 500.milliseconds,
                    grace = 50.milliseconds,
                )
            supervising(1, options, { meeting.serve(::echo) }) { supervisor ->
                getRunningLoop().recordReports()
                supervisor.waitServing()
                val first = supervisor.workers.single()
                val client = meeting.connect()
                client.ask("a") shouldBe "1.1 a"
                first.loop.callSoonThreadsafe { hangUntil(release) }
                until { first.state == WorkerState.HUNG }
                release.countDown()
                until { first.state == WorkerState.ENDED }
                client.ask("b") shouldBe ""
                client.writer.aclose()
            }
        }

        context("replacing") {
            test("a main that exits when it is cancelled is reported, and the others go on") {
                val meeting = Meeting()
                val main: suspend () -> Unit = {
                    try {
                        meeting.serve(::echo)
                    } catch (_: CancelledException) {
                        throw SystemExit(143)
                    }
                }
                onSockets {
                    val reports = recordReports()
                    val supervisor = Supervisor(2, QUICK, main)
                    supervisor.start()
                    supervisor.waitServing()
                    val old = supervisor.workers.first()
                    supervisor.replace(old).generation shouldBe 2
                    until { reports.isNotEmpty() }
                    reports.single().message shouldEndWith "has failed as it ended"
                    (reports.single().exception as SystemExit).code shouldBe 143
                    supervisor.toString() shouldBe "<Supervisor workers=2 running>"
                    supervisor.workers.map { it.generation } shouldContainExactly listOf(2, 1)
                    supervisor.shutdown()
                    // That is how they end.
                    reports shouldHaveSize 1
                    (runCatching { supervisor.waitClosed() }.exceptionOrNull() as SystemExit).code shouldBe 143
                }
            }

            test("under load loses no connection and answers each once") {
                val meeting = Meeting()
                supervising(3, main = { meeting.serve(::echo) }) { supervisor ->
                    supervisor.waitServing()
                    var isOver = false
                    val answers = ArrayList<String>()
                    val clients =
                        List(8) { number ->
                            getRunningLoop().createTask {
                                var sent = 0
                                while (!isOver) {
                                    val answer = meeting.ask("$number-$sent")
                                    answer.substringAfter(' ') shouldBe "$number-$sent"
                                    answers += answer
                                    sent++
                                }
                            }
                        }
                    repeat(3) { supervisor.replaceAll() }
                    isOver = true
                    gather(clients).await()
                    supervisor.workers.map { it.generation } shouldContainExactly listOf(4, 4, 4)
                    answers.map { it.substringBefore(' ').substringAfter('.') }.toSet() shouldContain "2"
                    answers.map { it.substringAfter(' ') }.distinct() shouldHaveSize answers.size
                }
            }

            test("lets connections of the old one end in order") {
                val meeting = Meeting()
                supervising(1, main = { meeting.serve(::echo) }) { supervisor ->
                    supervisor.waitServing()
                    val client = meeting.connect()
                    client.ask("a") shouldBe "1.1 a"
                    val old = supervisor.workers.single()
                    val replacing = getRunningLoop().createTask { supervisor.replace(old) }
                    until { old.state == WorkerState.STOPPING }
                    client.ask("b") shouldBe "1.1 b"
                    meeting.ask("c") shouldBe "1.2 c"
                    client.writer.aclose()
                    replacing.await().generation shouldBe 2
                    old.state shouldBe WorkerState.ENDED
                    shouldThrow<IllegalArgumentException> { supervisor.replace(old) }
                }
            }

            test("ends the connections of the old one when its grace is over") {
                val meeting = Meeting()
                supervising(1, WorkerOptions(grace = 50.milliseconds), { meeting.serve(::echo) }) { supervisor ->
                    supervisor.waitServing()
                    val client = meeting.connect()
                    client.ask("a") shouldBe "1.1 a"
                    supervisor.replaceAll()
                    client.ask("b") shouldBe ""
                    meeting.ask("c") shouldBe "1.2 c"
                    client.writer.aclose()
                }
            }

            test("ends when the new one serves, although the old one has failed meanwhile") {
                val meeting = Meeting()
                val release = CountDownLatch(1)
                val main: suspend () -> Unit = {
                    if (currentWorker()!!.generation == 1) {
                        meeting.open(::echo)
                        until { meeting.isLeft }
                        throw ArithmeticException("wrong")
                    }
                    release.await()
                    meeting.serve(::echo)
                }
                supervising(1, QUICK, main) { supervisor ->
                    getRunningLoop().recordReports()
                    supervisor.waitServing()
                    val old = supervisor.workers.single()
                    val replacing = getRunningLoop().createTask { supervisor.replace(old) }
                    until { supervisor.workers.size == 2 }
                    meeting.isLeft = true
                    until { supervisor.workers.singleOrNull()?.generation == 2 }
                    repeat(20) { sleep(1.milliseconds) }
                    replacing.done() shouldBe false
                    release.countDown()
                    replacing.await().isServing shouldBe true
                    meeting.ask("who") shouldBe "1.2 who"
                }
            }

            test("is refused while as many were left to themselves as may be") {
                val released = AtomicBoolean()
                val options =
                    WorkerOptions(grace = 20.milliseconds, forcedGrace = 20.milliseconds, maxHung = 1)
                supervising(1, options, { stayUntil { released.get() } }) { supervisor ->
                    getRunningLoop().recordReports()
                    until { supervisor.workers.single().state == WorkerState.RUNNING }
                    supervisor.replaceAll()
                    val (hung, next) = supervisor.workers
                    hung.state shouldBe WorkerState.HUNG
                    shouldThrow<IllegalStateException> { supervisor.replace(next) }.message shouldContain "maxHung of WorkerOptions"
                    released.set(true)
                    until { hung.state == WorkerState.ENDED }
                }
            }

            test("a new one that is not wanted has a grace for the connections that it has begun") {
                val meeting = Meeting()
                val main: suspend () -> Unit = {
                    if (currentWorker()!!.generation == 1) startServer("127.0.0.1", 0, clientConnected = ::echo)
                    meeting.serve(::echo)
                }
                // The other server comes first: at port 0, the new one's only server shares its socket.
                supervising(1, WorkerOptions(startTimeout = 2.seconds), main) { supervisor ->
                    supervisor.waitServing()
                    until { supervisor.workers.single().shares.size == 2 }
                    val replacing = getRunningLoop().createTask { supervisor.replaceAll() }
                    until { supervisor.workers.size == 2 && supervisor.workers.last().isServing }
                    val clients = List(4) { meeting.connect() }
                    val answers = clients.map { it.ask("a") }
                    shouldThrow<IllegalStateException> { replacing.await() }
                    answers shouldContain "1.2 a"
                    clients.map { it.ask("a") } shouldContainExactly answers
                    clients.forEach { it.writer.aclose() }
                }
            }

            test("keeps the old one if the new one fails, or does not serve in time") {
                val meeting = Meeting()
                val main: suspend () -> Unit = {
                    when (currentWorker()!!.generation) {
                        1 -> meeting.serve(::echo)
                        2 -> throw ArithmeticException("wrong")
                        else -> sleep(10.minutes)
                    }
                }
                supervising(1, WorkerOptions(startTimeout = 200.milliseconds), main) { supervisor ->
                    supervisor.waitServing()
                    val failure = shouldThrow<IllegalStateException> { supervisor.replaceAll() }
                    failure.cause!!.message shouldBe "wrong"
                    meeting.ask("a") shouldBe "1.1 a"
                    shouldThrow<IllegalStateException> { supervisor.replaceAll() }.message shouldContain "did not serve within 200ms"
                    meeting.ask("a") shouldBe "1.1 a"
                    until { supervisor.workers.size == 1 }
                }
            }
        }

        test("a place is filled again when the pause is over and its candidate does not come") {
            val meeting = Meeting()
            val main: suspend () -> Unit = {
                when (currentWorker()!!.generation) {
                    1 -> throw ArithmeticException("wrong")
                    2 -> sleep(10.minutes)
                    else -> meeting.serve(::echo)
                }
            }
            onSockets {
                val reports = recordReports()
                val options = QUICK.withPause(20.milliseconds)
                val crew = Crew(Supervisor(1, options, main), this, options, 1, LoopThreads(null), main)
                val place = crew.places.single()
                crew.start()
                until { reports.size == 1 }
                place.startCandidate()
                sleep(100.milliseconds)
                crew.workers.map { it.generation } shouldContainExactly listOf(1, 2)
                place.withdraw()
                crew.awaitUntil { place.current!!.isServing }
                meeting.ask("who") shouldBe "1.3 who"
                crew.close(Duration.ZERO)
                crew.awaitUntil { crew.isClosed }
            }
        }

        context("the end") {
            test("closes the listeners first, and cancels what has not ended when the grace is over") {
                val meeting = Meeting()
                onSockets {
                    val supervisor = Supervisor(2, QUICK) { meeting.serve(::echo) }
                    supervisor.start()
                    supervisor.waitServing()
                    val client = meeting.connect()
                    client.ask("a")
                    val ending = createTask { supervisor.shutdown(200.milliseconds) }
                    until { supervisor.toString() == "<Supervisor workers=2 closing>" }
                    shouldThrow<ConnectException> { meeting.connect() }
                    client.ask("b") shouldEndWith ".1 b"
                    ending.await()
                    client.ask("c") shouldBe ""
                    client.writer.aclose()
                    supervisor.workers.shouldBeEmpty()
                    supervisor.toString() shouldBe "<Supervisor workers=2 closed>"
                }
            }

            test("leaves a worker to itself that does not end, and reports it") {
                val release = CountDownLatch(1)
                val isHeld = CountDownLatch(1)
                onSockets {
                    val reports = recordReports()
                    val supervisor =
                        Supervisor(1, WorkerOptions(forcedGrace = 50.milliseconds)) {
                            isHeld.countDown()
                            hangUntil(release)
                        }
                    supervisor.start()
                    isHeld.await()
                    supervisor.shutdown(20.milliseconds)
                    val worker = supervisor.workers.single()
                    worker.state shouldBe WorkerState.HUNG
                    reports.single().message shouldContain "has not ended 50ms after all its tasks were cancelled"
                    release.countDown()
                    until { worker.state == WorkerState.ENDED }
                }
            }

            test("gives those that are being replaced no longer than the others") {
                val meeting = Meeting()
                onSockets {
                    val supervisor = Supervisor(1, WorkerOptions(grace = 10.minutes)) { meeting.serve(::echo) }
                    supervisor.start()
                    supervisor.waitServing()
                    val client = meeting.connect()
                    client.ask("a") shouldBe "1.1 a"
                    val old = supervisor.workers.single()
                    val replacing = createTask { supervisor.replace(old) }
                    until { old.state == WorkerState.STOPPING }
                    supervisor.shutdown(50.milliseconds)
                    old.state shouldBe WorkerState.ENDED
                    client.ask("b") shouldBe ""
                    client.writer.aclose()
                    replacing.await()
                }
            }

            test("is hurried by cancelling it") {
                val meeting = Meeting()
                onSockets {
                    val supervisor = Supervisor(1, QUICK) { meeting.serve(::echo) }
                    val serving = createTask { supervisor.serveForever() }
                    until { supervisor.workers.firstOrNull()?.isServing == true }
                    val client = meeting.connect()
                    client.ask("a")
                    serving.cancel()
                    until { supervisor.workers.firstOrNull()?.state == WorkerState.STOPPING }
                    client.ask("b") shouldBe "1.1 b"
                    serving.cancel()
                    shouldThrow<CancelledException> { serving.await() }
                    supervisor.workers.shouldBeEmpty()
                    client.writer.aclose()
                }
            }

            test("of the loop ends the workers too") {
                val meeting = Meeting()
                var worker: Worker? = null
                onSockets {
                    val supervisor = Supervisor(1, QUICK) { meeting.serve(::echo) }
                    supervisor.start()
                    supervisor.waitServing()
                    worker = supervisor.workers.single()
                }
                onSockets {
                    until { worker!!.loop.isClosed }
                    shouldThrow<ConnectException> { meeting.connect() }
                }
            }
        }

        context("a supervisor") {
            test("calls its workers") {
                val called = ConcurrentLinkedQueue<Pair<Worker, Worker?>>()
                val main: suspend () -> Unit = { sleep(10.minutes) }
                supervising(3, main = main) { supervisor ->
                    supervisor.callInWorkers { called += it to currentWorker() }
                    until { called.size == 3 }
                    called.map { it.first } shouldContainExactlyInAnyOrder supervisor.workers
                    called.forEach { (told, current) -> told shouldBe current }
                    currentWorker() shouldBe null
                }
            }

            test("gives the numbers of its workers' loops") {
                val main: suspend () -> Unit = { sleep(10.minutes) }
                supervising(2, main = main) { supervisor ->
                    until { supervisor.workers.all { it.state == WorkerState.RUNNING } }
                    supervisor.workers.map { it.metrics.tasks } shouldContainExactly listOf(1, 1)
                    supervisor.workers.map { it.name } shouldContainExactly listOf("simul-worker-1", "simul-worker-2")
                    supervisor.loop shouldBe getRunningLoop()
                    supervisor.workers.first().loop shouldNotBe getRunningLoop()
                }
            }

            test("of no workers cannot be made, nor one be used before it was started") {
                shouldThrow<IllegalArgumentException> { Supervisor(0) {} }
                onSockets {
                    val supervisor = Supervisor(1) {}
                    shouldThrow<IllegalStateException> { supervisor.waitServing() }
                    shouldThrow<IllegalStateException> { supervisor.waitClosed() }
                    supervisor.shutdown()
                    shouldThrow<IllegalStateException> { supervisor.start() }
                }
            }

            test("tries again if a thread cannot be started") {
                var attempts = 0
                onSockets {
                    val reports = recordReports()
                    val real = LoopThreads(null)
                    val threads =
                        object : WorkerThreads by real {
                            override fun start(
                                name: String,
                                configure: (EventLoop) -> Unit,
                                main: suspend () -> Unit,
                                ended: (Throwable?) -> Unit,
                            ): WorkerThread {
                                if (++attempts == 1) throw IllegalStateException("can't start new thread")
                                return real.start(name, configure, main, ended)
                            }
                        }
                    val supervisor = Supervisor(1, QUICK) {}
                    val crew = Crew(supervisor, this, QUICK, 1, threads) {}
                    crew.start()
                    crew.awaitUntil { crew.isClosed }
                    reports.map { it.message } shouldContainExactly listOf("simul-worker-1 could not be started, and is replaced in 10ms")
                }
            }
        }
    })

/** Waits, whoever cancels it. */
private suspend fun stayUntil(condition: () -> Boolean) {
    while (!condition()) {
        try {
            sleep(1.milliseconds)
        } catch (_: CancelledException) {
            // Goes on, as it should not.
        }
    }
}

private fun hangUntil(release: CountDownLatch) = release.await()

private fun WorkerOptions.withPause(pause: Duration) =
    WorkerOptions(Backoff.constant(pause), pingInterval = pingInterval, unresponsiveAfter = unresponsiveAfter)
