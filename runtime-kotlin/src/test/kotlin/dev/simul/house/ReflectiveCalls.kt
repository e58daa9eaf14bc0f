// SPDX-License-Identifier: Apache-2.0
package dev.simul.house

import org.objectweb.asm.ClassReader
import org.objectweb.asm.ClassVisitor
import org.objectweb.asm.MethodVisitor
import org.objectweb.asm.Opcodes
import org.objectweb.asm.Type
import java.nio.file.Path
import kotlin.io.path.extension
import kotlin.io.path.readBytes
import kotlin.io.path.walk

/**
 * How a class, with those nested in it, looks for what its bytecode does not name: by reflection, handles, field updaters, services,
 * resources, proxies or new classes. A native image has such things only if it is told of them.
 *
 * @param calls what it calls for that: `java.lang.Class.forName`.
 * @param names the strings that look like names in the methods that do so.
 * @param literals the class literals there.
 */
data class ReflectiveCalls(
    val calls: Set<String>,
    val names: Set<String>,
    val literals: Set<String>,
) {
    private operator fun plus(other: ReflectiveCalls) = ReflectiveCalls(calls + other.calls, names + other.names, literals + other.literals)

    companion object {
        /** What the classes in this folder do, by the name of the outermost class. */
        @JvmStatic
        fun of(classes: Path): Map<String, ReflectiveCalls> =
            classes
                .walk()
                .filter { it.extension == "class" && it.fileName.toString() != "module-info.class" }
                .flatMap { file -> methodsOf(file).map { outermost(classes.relativize(file)) to it } }
                .groupBy({ it.first }, { it.second })
                .mapValues { (_, methods) -> methods.reduce(ReflectiveCalls::plus) }

        private fun outermost(file: Path) = file.joinToString(".").removeSuffix(".class").substringBefore('$')

        private fun methodsOf(file: Path): List<ReflectiveCalls> {
            val found = mutableListOf<ReflectiveCalls>()
            val methods =
                object : ClassVisitor(Opcodes.ASM9) {
                    override fun visitMethod(
                        access: Int,
                        name: String,
                        descriptor: String,
                        signature: String?,
                        exceptions: Array<out String>?,
                    ) = MethodCalls(found::add)
                }
            ClassReader(file.readBytes()).accept(methods, ClassReader.SKIP_FRAMES or ClassReader.SKIP_DEBUG)
            return found
        }
    }

    private class MethodCalls(
        private val report: (ReflectiveCalls) -> Unit,
    ) : MethodVisitor(Opcodes.ASM9) {
        private val calls = mutableSetOf<String>()
        private val names = mutableSetOf<String>()
        private val literals = mutableSetOf<String>()

        override fun visitMethodInsn(
            opcode: Int,
            owner: String,
            name: String,
            descriptor: String,
            isInterface: Boolean,
        ) {
            if (LOOKUPS.any { (type, members) -> type.matches(owner) && members.matches(name) }) {
                calls += "${owner.replace('/', '.')}.$name"
            }
        }

        override fun visitLdcInsn(value: Any) {
            if (value is String && value.matches(NAME)) names += value
            if (value is Type && value.sort == Type.OBJECT) literals += value.className
        }

        override fun visitEnd() {
            if (calls.isNotEmpty()) report(ReflectiveCalls(calls, names, literals))
        }
    }
}

private val NAME = Regex("""[A-Za-z_$][\w.$]*""")

private val LOOKUPS =
    listOf(
        "java/lang/Class" to
            "forName|newInstance|get(Declared)?(Field|Method|Constructor)s?|get(Declared)?Classes|getRecordComponents|getResource\\w*",
        "java/lang/(Module|ClassLoader)" to "loadClass|defineClass|getResource\\w*|findResource\\w*",
        "java/lang/invoke/MethodHandles" to "privateLookupIn|arrayElementVarHandle",
        "java/lang/invoke/MethodHandles\\\$Lookup" to "find\\w+|unreflect\\w*|define\\w+",
        "java/util/concurrent/atomic/Atomic\\w+FieldUpdater" to "newUpdater",
        "java/util/ServiceLoader" to "load\\w*",
        "java/util/ResourceBundle" to "getBundle",
        "java/lang/reflect/Proxy" to "newProxyInstance|getProxyClass",
        "java/io/Object(In|Out)putStream" to "<init>",
        "(sun|jdk/internal)/misc/Unsafe" to ".*",
        "kotlin/reflect/full/\\w+" to ".*",
    ).map { (type, members) -> Regex(type) to Regex(members) }
