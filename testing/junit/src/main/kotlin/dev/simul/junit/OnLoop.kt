// SPDX-License-Identifier: Apache-2.0
package dev.simul.junit

import dev.simul.Runner
import dev.simul.loop.EventLoop
import dev.simul.testing.ReportedErrors
import dev.simul.testing.VirtualClock
import dev.simul.testing.network.MemoryNetwork
import org.junit.jupiter.api.AfterEach
import org.junit.jupiter.api.BeforeEach
import org.junit.jupiter.api.Test
import org.junit.jupiter.api.TestFactory
import org.junit.jupiter.api.extension.ExtendWith
import java.lang.annotation.Inherited

/**
 * Runs tests on an event loop: each test has a loop of its own, and its method runs as a task of that loop, where it may await.
 *
 * ```java
 * @OnLoop
 * class FetchTest {
 *     private Server server;
 *
 *     @BeforeEach
 *     void start() throws IOException {
 *         server = await(startServer("127.0.0.1", 0, (reader, writer) -> echo(reader, writer)), IOException.class);
 *     }
 *
 *     @ParameterizedTest
 *     @ValueSource(strings = {"a", "b"})
 *     void isEchoed(String line) { … }
 * }
 * ```
 *
 * On a class, it marks all test methods of that class, of the classes nested in it and of its subclasses. On a method, it adds to the
 * annotation that makes it a test; [AsyncTest] is `@OnLoop` and [Test] in one. It works with every kind of test of JUnit's.
 *
 * - **Methods.** Java's methods run as bodies, so they may call `await`, and so may Kotlin's that call the facade. Kotlin's `suspend`
 *   functions run as coroutines; for these JUnit has to be of version 6 or newer.
 * - **Before and after.** Methods with [BeforeEach] and [AfterEach] run on the loop of the test, one after the other, with the same context
 *   variables. Between these methods the loop stands still: tasks that one leaves continue in the next. After the last one, pending tasks
 *   are cancelled, and the loop is closed, as [Runner] does it. The dynamic tests of a [TestFactory] share the loop of the factory.
 *   Methods with `@BeforeAll` and `@AfterAll` have no loop, since it would not be that of any test.
 * - **Threads.** A method of Java runs in the thread of its body, where it finds none of the `ThreadLocal`s that other extensions have set.
 * - **Time** is virtual unless [time] is [REAL][TestTime.REAL].
 * - **Failures.** A test also fails if a failure was never retrieved, or another error has reached the loop's exception handler, see
 *   [ReportedErrors]. When nothing more can happen, or the [timeout][timeoutSeconds] or JUnit's own `@Timeout` has expired, the failure names
 *   each pending task and what it waits for; its suppressed exceptions show where.
 * - **Parameters.** The methods may take the [EventLoop] of the test, its [VirtualClock] if its time is virtual, both also as types of the
 *   facade, its [ReportedErrors], and its [MemoryNetwork] if its sockets are on one.
 *
 * asyncio has no equivalent; Python's `unittest.IsolatedAsyncioTestCase` and the marker `pytest.mark.asyncio` do the same.
 *
 * @property time the clock of the loops.
 * @property timeoutSeconds how long, in real time, each method may take. Zero stands for the annotation of the enclosing class, or else for
 *   JUnit's configuration parameter `simul.test.timeout`, in seconds, or else for 60. There is no limit while a debugger is attached. Code
 *   that does not give up its turn is interrupted.
 * @property network the network that the sockets of the tests are on: the system's unless it is [MEMORY][TestNetwork.MEMORY].
 */
@Target(AnnotationTarget.CLASS, AnnotationTarget.FUNCTION, AnnotationTarget.ANNOTATION_CLASS)
@Retention(AnnotationRetention.RUNTIME)
@MustBeDocumented
@Inherited
@ExtendWith(LoopExtension::class)
public annotation class OnLoop(
    val time: TestTime = TestTime.INHERITED,
    val timeoutSeconds: Long = 0,
    val network: TestNetwork = TestNetwork.INHERITED,
)
