// SPDX-License-Identifier: Apache-2.0
package dev.simul.cancelling

import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.collections.shouldBeEmpty
import io.kotest.matchers.shouldBe
import java.nio.file.Path
import kotlin.io.path.Path
import kotlin.io.path.createParentDirectories
import kotlin.io.path.readLines
import kotlin.io.path.writeLines

private val module: Path = Path(System.getProperty("basedir") ?: "")

/** All public suspending functions, as their dump has them: members by `Class.function`, others by `function`. */
internal fun suspendingOperations(api: List<String>): Set<String> {
    val operations = LinkedHashSet<String>()
    var owner = ""
    for (line in api) {
        Regex("""public .*(?:class|interface) (\S+)""").find(line)?.let { owner = it.groupValues[1].substringAfterLast('/') }
        val function = Regex("""^\t(public .*)fun (\S+) \(.*Lkotlin/coroutines/Continuation;\)Ljava/lang/Object;""").find(line) ?: continue
        val (modifiers, mangled) = function.destructured
        if ("synthetic" in modifiers) continue
        val name = mangled.substringBefore('-')
        operations += if ("static" in modifiers) name else "$owner.$name"
    }
    return operations
}

/** Every public suspending operation is cancelled in each of its turns, and leaves nothing behind. */
class CancelInjectionTest :
    FunSpec({
        val table =
            CancelTable().apply {
                tasks()
                sync()
                generators()
                streams()
                transports()
                socketCalls()
                processes()
                files()
                workers()
            }
        val results = LinkedHashMap<String, String>()

        for (line in table.lines) {
            test(line.name) {
                results[line.name] = "left something behind"
                val turns = line.run()
                results[line.name] = if (line.options.samples == null) "$turns turns" else "${line.options.samples} samples"
            }
        }

        test("a new suspending operation gets its line") {
            val operations = suspendingOperations(module.resolve("api/simul-runtime.api").readLines())
            val covered = table.lines.flatMapTo(HashSet()) { it.operations }
            (operations - covered).shouldBeEmpty()
        }

        test("an operation without a line is found") {
            val api =
                listOf(
                    "public abstract interface class dev/simul/Sample {",
                    "\tpublic abstract fun work (ILkotlin/coroutines/Continuation;)Ljava/lang/Object;",
                    "\tpublic abstract fun rest (I)Ljava/lang/Object;",
                    "}",
                    "public final class dev/simul/SampleKt {",
                    "\tpublic static final fun play-KLykuaI (JLkotlin/coroutines/Continuation;)Ljava/lang/Object;",
                    "\tpublic static synthetic fun play-KLykuaI\$default " +
                        "(JLkotlin/coroutines/Continuation;ILjava/lang/Object;)Ljava/lang/Object;",
                )
            suspendingOperations(api) shouldBe setOf("Sample.work", "play")
        }

        afterSpec {
            module
                .resolve("target/cancel-injection.txt")
                .createParentDirectories()
                .writeLines(results.map { (name, result) -> "$result\t$name" })
        }
    })
