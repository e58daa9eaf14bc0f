// SPDX-License-Identifier: Apache-2.0
package dev.simul.house

import dev.simul.FacadeApi
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.collections.shouldBeEmpty
import io.kotest.matchers.collections.shouldContain
import io.kotest.matchers.collections.shouldContainExactly
import io.kotest.matchers.maps.shouldContainKey
import io.kotest.matchers.shouldBe
import org.objectweb.asm.AnnotationVisitor
import org.objectweb.asm.ClassReader
import org.objectweb.asm.ClassVisitor
import org.objectweb.asm.MethodVisitor
import org.objectweb.asm.Opcodes
import java.nio.file.Path
import kotlin.io.path.readBytes
import kotlin.io.path.readLines

/** What serves the facade alone is in one place, and marked, so that Kotlin's users neither see nor call it by accident. */
class FacadeApiTest :
    FunSpec({
        val module = Path.of(System.getProperty("basedir") ?: "")
        val offered = offeredBy(module.resolve("api/simul-runtime.api"))
        val marks = offered.keys.associateWith { Marks.of(module.resolve("target/classes/$it.class")) }

        fun isMarked(
            type: String,
            member: String,
        ) = marks.getValue(type).let { it.onClass || member in it.onMembers }

        test("whatever the package interop offers is marked") {
            val inside = offered.filterKeys { it.startsWith(INTEROP) }
            inside shouldContainKey INTEROP + "Bodies"
            inside.flatMap { (type, members) -> members.filterNot { isMarked(type, it) }.map { "$type.$it" } }.shouldBeEmpty()
        }

        test("outside of it only the calls are marked that it gives") {
            val outside = marks.filter { (type, marks) -> !type.startsWith(INTEROP) && (marks.onClass || marks.onMembers.isNotEmpty()) }
            outside.keys.sorted() shouldContainExactly listOf("dev/simul/bodies/Call", "dev/simul/bodies/CallListener")
        }

        test("nothing else takes or gives what Java has and Kotlin has its own of") {
            val ofJava = offered.flatMap { (type, members) -> members.filter { takesWhatIsJavas(it) }.map { type to it } }
            ofJava shouldContain ("dev/simul/interop/Bodies" to "bodyOf(Ljava/util/concurrent/Callable;)Ldev/simul/Coroutine;")
            // Exceptions are for both languages: Java divides groups by a Predicate.
            ofJava.filterNot { (type, member) -> isMarked(type, member) || type.startsWith("dev/simul/exceptions/") }.shouldBeEmpty()
        }

        test("nothing else is called after Java") {
            val named = offered.keys.filter { it.substringAfterLast('/').startsWith("Java") }
            named shouldContain INTEROP + "JavaTime"
            named.filterNot { it.startsWith(INTEROP) }.shouldBeEmpty()
        }

        test("to use what is marked without consent is an error") {
            val marker = FacadeApi::class.java.getResource("FacadeApi.class")!!.readBytes()
            var level: String? = null
            val reader =
                object : ClassVisitor(Opcodes.ASM9) {
                    override fun visitAnnotation(
                        descriptor: String,
                        isVisible: Boolean,
                    ) = object : AnnotationVisitor(Opcodes.ASM9) {
                        override fun visitEnum(
                            name: String,
                            type: String,
                            value: String,
                        ) {
                            if (descriptor == "Lkotlin/RequiresOptIn;") level = value
                        }
                    }
                }
            ClassReader(marker).accept(reader, 0)
            level shouldBe "ERROR"
        }
    })

private const val INTEROP = "dev/simul/interop/"
private val JAVAS = listOf("Ljava/time/Duration;", "Ljava/util/function/", "Ljava/util/concurrent/Callable;")

private fun takesWhatIsJavas(member: String) = JAVAS.any { it in member }

/** The classes of a dump, each with its members by name and descriptor. What the compiler adds is left out. */
private fun offeredBy(dump: Path): Map<String, Set<String>> =
    buildMap<String, MutableSet<String>> {
        var members = HashSet<String>()
        for (line in dump.readLines()) {
            TYPE.find(line)?.let { members = HashSet<String>().also { new -> put(it.groupValues[1], new) } }
            if (" synthetic " in line) continue
            MEMBER.find(line)?.let { members.add(it.groupValues[1] + it.groupValues[2]) }
        }
    }

private val TYPE = Regex("""^public .*(?:class|interface) ([\w/$]+)""")
private val MEMBER = Regex("""^\t.*fun ([^ ]+) (\(.*)""")

/** Where one class has the marker. */
private class Marks(
    val onClass: Boolean,
    val onMembers: Set<String>,
) {
    companion object {
        private const val MARKER = "Ldev/simul/FacadeApi;"

        fun of(file: Path): Marks {
            var onClass = false
            val onMembers = HashSet<String>()
            val reader =
                object : ClassVisitor(Opcodes.ASM9) {
                    override fun visitAnnotation(
                        descriptor: String,
                        isVisible: Boolean,
                    ): AnnotationVisitor? {
                        if (descriptor == MARKER) onClass = true
                        return null
                    }

                    override fun visitMethod(
                        access: Int,
                        name: String,
                        descriptor: String,
                        signature: String?,
                        exceptions: Array<String>?,
                    ): MethodVisitor =
                        object : MethodVisitor(Opcodes.ASM9) {
                            override fun visitAnnotation(
                                annotation: String,
                                isVisible: Boolean,
                            ): AnnotationVisitor? {
                                if (annotation == MARKER) onMembers += name + descriptor
                                return null
                            }
                        }
                }
            ClassReader(file.readBytes()).accept(reader, ClassReader.SKIP_CODE)
            return Marks(onClass, onMembers)
        }
    }
}
