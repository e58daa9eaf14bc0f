// SPDX-License-Identifier: Apache-2.0
package dev.simul

import dev.simul.loop.LibraryCode
import java.lang.reflect.Field
import java.lang.reflect.InaccessibleObjectException
import kotlin.coroutines.jvm.internal.CoroutineStackFrame

/**
 * The lines in which suspended functions of Kotlin await. A frame knows its line by its class and its label, the state of its state
 * machine: to remember these takes nanoseconds, to look the line up, by the metadata of the class, takes microseconds.
 */
internal object AwaitLines {
    private val classes: ClassValue<FrameClass> =
        object : ClassValue<FrameClass>() {
            override fun computeValue(type: Class<*>) = FrameClass(type)
        }

    /** The first frame of the users' code from [innermost] outwards; if there is none, the first of this library. Null at a stack. */
    fun frameOf(innermost: CoroutineStackFrame?): CoroutineStackFrame? {
        find(innermost) { frame, _ -> return frame }
        return null
    }

    /** Calls [found] with the frame that [frameOf] returns, and its class; does nothing if that is null. */
    inline fun find(
        innermost: CoroutineStackFrame?,
        found: (CoroutineStackFrame, FrameClass) -> Unit,
    ) {
        var frame = innermost
        var own: CoroutineStackFrame? = null
        var ownType: FrameClass? = null
        var left = FARTHEST
        while (frame != null && left-- > 0) {
            val type = classes.get(frame.javaClass)
            if (type.isStack) return
            if (type.isCompiled) {
                if (!type.isOwn) return found(frame, type)
                if (own == null) {
                    own = frame
                    ownType = type
                }
            }
            frame = frame.callerFrame
        }
        if (own != null) found(own, ownType!!)
    }

    /** The line for the label of a frame of that [type]; null if its class has no metadata. */
    fun lineOf(
        type: Class<*>,
        label: Int,
    ): StackTraceElement? {
        val metadata = type.annotations.find { it.annotationClass.java.name == METADATA } ?: return null
        return try {
            val line = (metadata.read("l") as IntArray).getOrElse(label - 1) { -1 }
            StackTraceElement(metadata.read("c") as String, metadata.read("m") as String, metadata.read("f") as String, line)
        } catch (_: ReflectiveOperationException) {
            null
        }
    }

    /** Where the code of a coroutine is that has not begun: the line of its first await, or else only its class. */
    fun describeBlock(type: Class<*>): String = lineOf(type, 1)?.inShort() ?: type.name

    private fun Annotation.read(member: String): Any = annotationClass.java.getMethod(member).invoke(this)

    private const val METADATA = "kotlin.coroutines.jvm.internal.DebugMetadata"
    private const val FARTHEST = 16

    /** What is known of the [type] of a frame. */
    class FrameClass(
        val type: Class<*>,
    ) {
        private val label: Field? = labelField(type)

        val isOwn = LibraryCode.contains(type)

        /** Whether the frame stands for the stack of a thread. */
        val isStack = OwnStack::class.java.isAssignableFrom(type)

        /** Otherwise it is no compiled state machine, or its module is closed. */
        val isCompiled: Boolean get() = label != null

        fun labelOf(frame: CoroutineStackFrame): Short = label!!.getInt(frame).toShort()

        fun lineOf(label: Short): StackTraceElement? = lineOf(type, label.toInt())
    }

    private fun labelField(type: Class<*>): Field? =
        try {
            type.getDeclaredField("label").takeIf { it.type == Int::class.javaPrimitiveType }?.apply { isAccessible = true }
        } catch (_: NoSuchFieldException) {
            null
        } catch (_: InaccessibleObjectException) {
            null
        }
}
