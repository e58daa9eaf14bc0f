// SPDX-License-Identifier: Apache-2.0
package dev.simul.house

import dev.simul.Task
import io.kotest.assertions.withClue
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.collections.shouldBeEmpty
import io.kotest.matchers.maps.shouldContainKey
import io.kotest.matchers.shouldBe
import kotlinx.serialization.json.Json
import kotlinx.serialization.json.JsonArray
import kotlinx.serialization.json.JsonObject
import kotlinx.serialization.json.jsonArray
import kotlinx.serialization.json.jsonObject
import kotlinx.serialization.json.jsonPrimitive
import java.nio.file.Path

/** What the jar tells GraalVM's native-image of, against what the compiled classes look for. */
class NativeImageTest :
    FunSpec({
        val classes = Path.of(System.getProperty("basedir") ?: "", "target/classes")
        val calls = ReflectiveCalls.of(classes)
        val entries = metadata().getValue("reflection").jsonArray.map { Entry(it.jsonObject) }

        test("the metadata names whatever the classes look for, and nothing else") {
            calls shouldContainKey "dev.simul.loop.LoopStack"
            val told = entries.groupBy { it.condition }.mapValues { (_, entries) -> entries.flatMapTo(sortedSetOf()) { it.names } }
            val lookedFor = (calls - UNTOLD).mapValues { (_, calls) -> (calls.names + calls.literals).toSortedSet() }
            for (type in told.keys + lookedFor.keys) {
                withClue(type) {
                    // A class literal may as well be the type of a parameter.
                    val strings = calls[type]?.names.orEmpty()
                    (strings - told[type].orEmpty()).shouldBeEmpty()
                    (told[type].orEmpty() - lookedFor[type].orEmpty()).shouldBeEmpty()
                }
            }
        }

        test("there are reasons for those that it does not tell of") {
            (UNTOLD - calls.keys).shouldBeEmpty()
            calls.getValue("dev.simul.loop.StackRoom").calls shouldBe
                setOf("java.lang.invoke.MethodHandles\$Lookup.defineHiddenClass", "java.lang.Class.getDeclaredConstructor")
            calls.getValue("dev.simul.loop.LibraryCode").calls shouldBe setOf("java.lang.Class.forName")
            calls.getValue("dev.simul.loop.OpenLoops") shouldBe
                ReflectiveCalls(
                    setOf("java.lang.Class.forName", "java.lang.Class.getField"),
                    setOf("dev.simul.observe.jmx.LateRegistration", "INSTANCE"),
                    emptySet(),
                )
        }

        test("whatever it names is there") {
            val isNewest = Runtime.version().feature() >= FIRST_WITH_ALL
            for (entry in entries.filter { isNewest || it.type.startsWith("dev.simul.") }) {
                val type = Class.forName(entry.type, false, Task::class.java.classLoader)
                for (field in entry.fields) type.getDeclaredField(field)
                for ((name, parameters) in entry.methods) {
                    withClue("$name(${parameters.joinToString()}) of ${entry.type}") {
                        type.declaredMethods.count { it.name == name && it.parameterTypes.map(Class<*>::getName) == parameters } shouldBe 1
                    }
                }
            }
        }
    })

private const val FIRST_WITH_ALL = 25

/**
 * - `StackRoom` makes a class, which it leaves alone in a native image;
 * - `AwaitLines` looks for the label and the metadata of the users' coroutines, and goes on without lines where there are none;
 * - `LibraryCode` looks for the classes in a stack trace, and goes on without those that are not there;
 * - `DumpedLocks` asks HotSpot, which a native image does not have;
 * - `OpenLoops` looks for what shows the loops to other processes, which cannot attach to a native image.
 */
private val UNTOLD =
    setOf(
        "dev.simul.AwaitLines",
        "dev.simul.loop.StackRoom",
        "dev.simul.loop.LibraryCode",
        "dev.simul.observe.DumpedLocks",
        "dev.simul.loop.OpenLoops",
    )

private fun metadata(): JsonObject {
    val file = "/META-INF/native-image/dev.simul/simul-runtime/reachability-metadata.json"
    return Json.parseToJsonElement(Task::class.java.getResource(file)!!.readText()).jsonObject
}

/** An entry of the metadata: members of a type, of which there is need once another type is reached. */
private class Entry(
    json: JsonObject,
) {
    val condition = json.getValue("condition").jsonObject.getValue("typeReached").jsonPrimitive.content
    val type = json.getValue("type").jsonPrimitive.content
    val fields = json.list("fields").map { it.name }
    val methods =
        json.list("methods").map { method ->
            method.name to method.getValue("parameterTypes").jsonArray.map { it.jsonPrimitive.content }
        }

    val names get() = listOf(type) + fields + methods.map { it.first }

    private companion object {
        val JsonObject.name get() = getValue("name").jsonPrimitive.content

        fun JsonObject.list(key: String) = (get(key) ?: JsonArray(emptyList())).jsonArray.map { it.jsonObject }
    }
}
