// SPDX-License-Identifier: Apache-2.0
package dev.simul.bodies

import org.objectweb.asm.ClassReader
import org.objectweb.asm.ClassVisitor
import org.objectweb.asm.ClassWriter
import org.objectweb.asm.MethodVisitor
import org.objectweb.asm.Opcodes
import java.net.URLClassLoader
import java.nio.file.Path
import java.util.concurrent.atomic.AtomicInteger

/** An error that strikes where a method of the loop or of its bodies begins: the [arm]ed one, once. */
object Strike {
    private val left = AtomicInteger(-1)

    @Volatile
    private var error: () -> Throwable = { AssertionError() }

    /** Where it has struck, or null. */
    @Volatile
    var place: String? = null
        private set

    @Volatile
    private var spared: Thread? = null

    /** Has [error] thrown by the method that is entered after [methods] others, in any thread but [besides]. */
    fun arm(
        methods: Int,
        besides: Thread? = null,
        error: () -> Throwable,
    ) {
        this.error = error
        spared = besides
        left.set(methods)
    }

    fun forget() {
        disarm()
        place = null
    }

    fun disarm() = left.set(-1)

    @JvmStatic
    fun here(place: String) {
        if (left.get() < 0 || Thread.currentThread() === spared || left.getAndDecrement() != 0) return
        this.place = place
        throw error()
    }
}

/**
 * Loads Simul's classes once more, those whose names begin with one of [prefixes] with a [Strike] at the beginning of each method: if
 * none are given, those of the loop and of its bodies.
 */
class StrikingClassLoader(
    private val prefixes: List<String> = listOf("dev.simul.loop.", "dev.simul.bodies.", "dev.simul.interop."),
) : URLClassLoader(
        System
            .getProperty("java.class.path")
            .split(java.io.File.pathSeparator)
            .map { Path.of(it).toUri().toURL() }
            .toTypedArray(),
        StrikingClassLoader::class.java.classLoader,
    ) {
    override fun loadClass(
        name: String,
        resolve: Boolean,
    ): Class<*> =
        synchronized(getClassLoadingLock(name)) {
            val isOwn = name.startsWith("dev.simul.") && name != Strike::class.java.name
            findLoadedClass(name) ?: if (isOwn) define(name) else super.loadClass(name, resolve)
        }

    private fun define(name: String): Class<*> {
        val file = findResource(name.replace('.', '/') + ".class") ?: throw ClassNotFoundException(name)
        val original = file.openStream().use { it.readBytes() }
        val bytes = if (prefixes.any(name::startsWith) && SCENARIO !in name) struck(name, original) else original
        return defineClass(name, bytes, 0, bytes.size)
    }

    private fun struck(
        name: String,
        original: ByteArray,
    ): ByteArray {
        val reader = ClassReader(original)
        val writer = ClassWriter(reader, ClassWriter.COMPUTE_MAXS)
        reader.accept(Striking(name.substringAfterLast('.'), writer), 0)
        return writer.toByteArray()
    }

    private class Striking(
        private val className: String,
        writer: ClassWriter,
    ) : ClassVisitor(Opcodes.ASM9, writer) {
        override fun visitMethod(
            access: Int,
            name: String,
            descriptor: String,
            signature: String?,
            exceptions: Array<String>?,
        ): MethodVisitor {
            val visitor = super.visitMethod(access, name, descriptor, signature, exceptions)
            val place = "$className.$name"
            if (name.startsWith("<") || place in UNREACHABLE) return visitor
            return object : MethodVisitor(Opcodes.ASM9, visitor) {
                override fun visitCode() {
                    super.visitCode()
                    super.visitLdcInsn(place)
                    super.visitMethodInsn(Opcodes.INVOKESTATIC, "dev/simul/bodies/Strike", "here", "(Ljava/lang/String;)V", false)
                }
            }
        }
    }

    private companion object {
        /** The classes of the scenarios themselves are not to be struck. */
        const val SCENARIO = "Scenario"

        /** What the JDK's threads call first, with nothing of ours below that could catch an error. */
        val UNREACHABLE =
            setOf(
                "Body.run",
                "RootExecutor.execute",
                "VirtualThreads\$OwnWork.execute",
                "ExecutorCall.perform",
                "BlockingReadEnd.readChunk\$read",
                "BlockingReadEnd\$Chunk.read",
                "BlockingWriteEnd.write\$write",
                "BlockingWriteEnd\$Chunk.write",
                "ExitWatch.waitForExit",
            )
    }
}
