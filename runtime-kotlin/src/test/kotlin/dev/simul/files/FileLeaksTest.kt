// SPDX-License-Identifier: Apache-2.0
package dev.simul.files

import dev.simul.Task
import dev.simul.createTask
import dev.simul.exceptions.CancelledException
import dev.simul.house.Soak
import dev.simul.sleep
import dev.simul.use
import io.kotest.assertions.withClue
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.shouldBe
import kotlinx.coroutines.flow.collect
import kotlin.io.path.createDirectory
import kotlin.io.path.createFile
import kotlin.io.path.readBytes
import kotlin.random.Random
import kotlin.time.Duration
import kotlin.time.Duration.Companion.microseconds

/** Many tasks at once that are cancelled at random; the descriptors are counted by [onFiles]. */
class FileLeaksTest :
    FunSpec({
        test("whatever is cancelled whenever, no descriptor stays open and no file is half written") {
            val seed = Random.nextInt()
            val random = Random(seed)
            withClue("seed $seed") {
                onFiles { folder ->
                    val text = "line\n".repeat(20_000)
                    val given = folder.resolve("given")
                    writeText(given, text)
                    val directory = folder.resolve("directory").createDirectory()
                    repeat(300) { directory.resolve("$it").createFile() }
                    val written = folder.resolve("written").createDirectory()
                    val records = folder.resolve("records")
                    val works =
                        listOf<suspend (Int) -> Unit>(
                            { openFile(given).use { file -> for (line in file) continue } },
                            { lines(given).collect {} },
                            { readText(given) shouldBe text },
                            { openTextFile(given).use { file -> file.read(1_000) } },
                            { i -> writeText(written.resolve("${i % 5}"), text) },
                            { openFile(records, "a").use { file -> repeat(10) { file.write("a whole record\n") } } },
                            { listDirectory(directory).collect {} },
                            { temporaryFile(folder).use { it.write(text) } },
                            { temporaryDirectory(folder).use { writeText(it.resolve("a"), text) } },
                            { watch(directory).aclose() },
                        )
                    val ends = HashMap<String, Int>()
                    repeat(Soak.of(20_000) / 20) { round ->
                        val tasks = List(20) { i -> createTask { works[random.nextInt(works.size)](round * 20 + i) } }
                        repeat(random.nextInt(4)) { sleep(if (random.nextBoolean()) Duration.ZERO else random.nextInt(3_000).microseconds) }
                        tasks.filter { random.nextBoolean() }.forEach(Task<*>::cancel)
                        for (task in tasks) ends.merge(endOf(task), 1, Int::plus)
                    }
                    (ends.keys - setOf("done", "cancelled")) shouldBe emptySet()
                    ends.size shouldBe 2
                    for (name in namesIn(written)) written.resolve(name).readBytes().decodeToString() shouldBe text
                    if ("records" in namesIn(folder)) readText(records).removeSuffix("\n").lines().toSet() shouldBe setOf("a whole record")
                }
            }
        }
    })

private suspend fun endOf(task: Task<*>): String =
    try {
        task.await()
        "done"
    } catch (_: CancelledException) {
        "cancelled"
    }
