// SPDX-License-Identifier: Apache-2.0
package dev.simul.tools.inspect

import io.kotest.core.spec.style.FunSpec
import io.kotest.engine.spec.tempdir
import io.kotest.matchers.nulls.shouldBeNull
import io.kotest.matchers.shouldBe
import io.kotest.matchers.string.shouldContain
import java.nio.file.Files
import java.nio.file.Path
import kotlin.io.path.createDirectories
import kotlin.io.path.createSymbolicLinkPointingTo
import kotlin.io.path.writeText

class AttachableTest :
    FunSpec({
        val jvm = ProcessFacts(12, owner = "ann", user = "ann", isJvm = true, catchesSignal = true, sharesNetwork = true)

        fun told(facts: ProcessFacts) = obstacleTo(facts)!!.let { it.why to it.message }

        test("a JVM like any other can be attached to, and one of which nothing is known, too") {
            obstacleTo(jvm).shouldBeNull()
            obstacleTo(ProcessFacts(12)).shouldBeNull()
        }

        test("each obstacle is told with the process and what helps") {
            told(jvm.copy(exists = false)) shouldBe
                (Why.GONE to "there is no process 12: without a PID, this lists the JVMs that there are")
            told(jvm.copy(owner = "bob")) shouldBe
                (Why.NOT_YOURS to "process 12 belongs to bob, and you are ann: run this as that user ('sudo -u bob ...')")
            told(jvm.copy(isJvm = false)) shouldBe
                (
                    Why.NOT_ATTACHABLE to
                        "process 12 is no JVM: without a PID, this lists the JVMs that there are; the JVM may be a child of it"
                )
            told(jvm.copy(isStopped = true)) shouldBe
                (Why.NOT_ATTACHABLE to "process 12 is stopped, and cannot answer: let it continue by 'kill -CONT 12'")
            told(jvm.copy(sharesNetwork = false)).second shouldContain "is in a container"
            told(
                jvm.copy(options = listOf("-XX:+DisableAttachMechanism")),
            ).second shouldContain "-XX:+DisableAttachMechanism: start it without"
            told(jvm.copy(catchesSignal = false)).second shouldContain "try again"
        }

        test("the superuser may look at everybody's, the last of two options counts, and a JVM that listens already needs no signal") {
            obstacleTo(jvm.copy(owner = "bob", user = "root")).shouldBeNull()
            obstacleTo(jvm.copy(options = listOf("-XX:+DisableAttachMechanism", "-XX:-DisableAttachMechanism"))).shouldBeNull()
            obstacleTo(jvm.copy(listens = true, catchesSignal = false)).shouldBeNull()
        }

        test("what /proc says of a process is read from there") {
            val pid = ProcessHandle.current().pid()
            val proc = procOf(tempdir().toPath(), pid)
            val facts = ProcessFacts.of(pid, proc)
            facts.isJvm shouldBe true
            facts.isStopped shouldBe true
            facts.catchesSignal shouldBe false
            facts.sharesNetwork shouldBe false
            facts.listens shouldBe true
            facts.options.filter { it.startsWith("-X") } shouldBe listOf("-Xtool", "-Xline", "-Xlast")
        }

        test("a process that is not there, and one that nobody has waited for, do not exist") {
            ProcessFacts.of(Long.MAX_VALUE).exists shouldBe false
            val pid = ProcessHandle.current().pid()
            ProcessFacts.of(pid, procOf(tempdir().toPath(), pid, state = "Z (zombie)")).exists shouldBe false
        }

        test("of this JVM itself it is known that it is one").config(enabled = Files.exists(Path.of("/proc/self/maps"))) {
            val facts = ProcessFacts.of(ProcessHandle.current().pid())
            obstacleTo(facts).shouldBeNull()
            facts.isJvm shouldBe true
            facts.catchesSignal shouldBe true
            facts.sharesNetwork shouldBe true
        }
    })

/** A `/proc` with a process that is a JVM, but stopped, in another network, and deaf. */
private fun procOf(
    proc: Path,
    pid: Long,
    state: String = "T (stopped)",
): Path {
    val own = proc.resolve("$pid").createDirectories()
    own.resolve("status").writeText("Name:\tjava\nState:\t$state\nNSpid:\t$pid\t7\nSigCgt:\t0000000181005cc9\n")
    own.resolve("maps").writeText("7f00-7f01 r-xp 0 08:01 12 /usr/lib/jvm/lib/server/libjvm.so\n")
    own.resolve("cmdline").writeText("java\u0000-Xline\u0000Main\u0000")
    own.resolve("environ").writeText("HOME=/\u0000_JAVA_OPTIONS=-Xlast\u0000JAVA_TOOL_OPTIONS=-Xtool -Dx\u0000")
    own.resolve("root/tmp").createDirectories().resolve(".java_pid7").writeText("")
    own.resolve("ns").createDirectories().resolve("net").createSymbolicLinkPointingTo(Path.of("net:[2]"))
    proc.resolve("self/ns").createDirectories().resolve("net").createSymbolicLinkPointingTo(Path.of("net:[1]"))
    return proc
}
