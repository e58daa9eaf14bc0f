// SPDX-License-Identifier: Apache-2.0
package dev.simul.simulation.replay

import dev.simul.simulation.SimulatedProgram
import dev.simul.simulation.interop.ProgramFactory

/** Where programs of one class come from, in this JVM and in another one: two classes, each with a constructor without parameters. */
internal class ProgramSource(
    private val type: Class<*>,
    private val factory: Class<out ProgramFactory>,
) {
    /** The names of the classes, for [of]. */
    val names: List<String> get() = listOf(type.name, factory.name)

    /** @throws IllegalArgumentException if the class has no such constructor, or is none of the factory's programs. */
    fun make(): SimulatedProgram {
        val factory = instanceOf(factory)
        require(factory.type.isAssignableFrom(type)) { "${type.name} is no program to replay: it has to be a ${factory.type.name}" }
        return factory.adapt(instanceOf(type))
    }

    private fun <T> instanceOf(type: Class<T>): T =
        try {
            type.getDeclaredConstructor().apply { trySetAccessible() }.newInstance()
        } catch (e: ReflectiveOperationException) {
            throw IllegalArgumentException(
                "${type.name} cannot be made by name: it needs a constructor without parameters that can be called" +
                    if (type.module.isNamed) ", in a package that module ${type.module.name} exports or opens" else "",
                e,
            )
        }

    companion object {
        /** The source of which these are the [names]. */
        fun of(names: List<String>): ProgramSource =
            ProgramSource(Class.forName(names[0]), Class.forName(names[1]).asSubclass(ProgramFactory::class.java))
    }
}

/** Of programs that implement [SimulatedProgram] themselves. */
internal class OwnPrograms : ProgramFactory {
    override val type: Class<*> get() = SimulatedProgram::class.java

    override fun adapt(program: Any): SimulatedProgram = program as SimulatedProgram
}
