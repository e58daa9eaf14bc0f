// SPDX-License-Identifier: Apache-2.0
package dev.simul.loop

import java.io.ByteArrayOutputStream
import java.io.DataOutputStream
import java.lang.invoke.MethodHandles
import java.util.function.IntConsumer

/**
 * Whether the calling thread's stack has room left.
 *
 * Java cannot tell how deep a stack is. But a method cannot be entered unless its frame fits, so calling one with many local variables
 * tells. When compiled, such a call touches each page of its frame once, which takes about a nanosecond a page; only the interpreter lays
 * the frame out. Kotlin cannot express thousands of variables, so the class is written here byte by byte.
 */
internal object StackRoom {
    /**
     * The room for an await and a hand-over of the loop, even before anything is compiled, and for other tasks' steps, which run here
     * meanwhile.
     */
    private val ofAnAwait = if (isNativeImage) Unknown else probe(32 * 1024)

    /** A native image can make no class while it runs, so nothing is probed there. */
    private val isNativeImage: Boolean get() = System.getProperty("org.graalvm.nativeimage.imagecode") != null

    /** @throws StackOverflowError if an await might end half-way for lack of room. */
    fun requireForAwait() = ofAnAwait.accept(0)

    private fun probe(bytes: Int): IntConsumer =
        MethodHandles
            .lookup()
            .defineHiddenClass(ProbeClass(bytes).write(), true)
            .lookupClass()
            .getDeclaredConstructor()
            .newInstance() as IntConsumer

    private object Unknown : IntConsumer {
        override fun accept(never: Int) = Unit
    }
}

/**
 * The class file of
 * ```
 * class Probe implements IntConsumer {
 *     public void accept(int never) { if (never != 0) Thread.yield(); … }
 * }
 * ```
 * where `accept` has [bytes] of local variables, and is too long to be inlined into its caller, which would be refused then. The call keeps
 * the compiler from eliminating the variables: it must be able to continue in the interpreter there.
 */
private class ProbeClass(
    private val bytes: Int,
) {
    private val constants = ByteArrayOutputStream()
    private val constantsOut = DataOutputStream(constants)
    private var lastConstant = 0

    fun write(): ByteArray {
        val thisClass = type("dev/simul/loop/StackProbe")
        val superclass = type("java/lang/Object")
        val consumer = type("java/util/function/IntConsumer")
        val nothing = text("()V")
        val constructor = text("<init>")
        val superConstructor = method(superclass, constructor, nothing)
        val yield = method(type("java/lang/Thread"), text("yield"), nothing)
        val accept = text("accept")
        val takesInt = text("(I)V")
        val code = text("Code")
        val frames = text("StackMapTable")

        val file = ByteArrayOutputStream()
        DataOutputStream(file).run {
            writeInt(MAGIC)
            writeInt(JAVA_17)
            writeShort(lastConstant + 1)
            write(constants.toByteArray())
            shorts(FINAL, thisClass, superclass, 1, consumer, NO_FIELDS, 2)

            shorts(PUBLIC, constructor, nothing, 1, code)
            writeInt(CODE_HEADER + 5)
            shorts(1, 1)
            writeInt(5)
            bytes(ALOAD_0, INVOKESPECIAL, 0, superConstructor, RETURN)
            shorts(0, 0)

            shorts(PUBLIC, accept, takesInt, 1, code)
            writeInt(CODE_HEADER + LENGTH + FRAME)
            shorts(1, bytes / Long.SIZE_BYTES)
            writeInt(LENGTH)
            bytes(ILOAD_1, IFEQ, 0, 6, INVOKESTATIC, 0, yield)
            repeat(LENGTH - 8) { writeByte(NOP) }
            writeByte(RETURN)
            shorts(0, 1, frames)
            writeInt(5)
            writeShort(1)
            bytes(SAME_FRAME, 0, 7)
            shorts(0)
        }
        return file.toByteArray()
    }

    private fun text(value: String): Int {
        constantsOut.writeByte(1)
        constantsOut.writeUTF(value)
        return ++lastConstant
    }

    private fun type(name: String): Int = constant(7, text(name))

    private fun method(
        type: Int,
        name: Int,
        signature: Int,
    ): Int = constant(10, type, constant(12, name, signature))

    private fun constant(
        kind: Int,
        vararg parts: Int,
    ): Int {
        constantsOut.writeByte(kind)
        constantsOut.shorts(*parts)
        return ++lastConstant
    }

    private fun DataOutputStream.shorts(vararg values: Int) = values.forEach(::writeShort)

    private fun DataOutputStream.bytes(vararg values: Int) = values.forEach(::writeByte)

    private companion object {
        const val MAGIC = 0xCAFEBABE.toInt()
        const val JAVA_17 = 61
        const val FINAL = 0x0030
        const val PUBLIC = 0x0001
        const val NO_FIELDS = 0
        const val CODE_HEADER = 12
        const val FRAME = 11

        /** Longer than the longest method that the compiler inlines. */
        const val LENGTH = 1024

        const val NOP = 0x00
        const val ILOAD_1 = 0x1b
        const val ALOAD_0 = 0x2a
        const val IFEQ = 0x99
        const val RETURN = 0xb1
        const val INVOKESPECIAL = 0xb7
        const val INVOKESTATIC = 0xb8
        const val SAME_FRAME = 251
    }
}
