// SPDX-License-Identifier: Apache-2.0
package dev.simul.observe.jmx

import javax.management.openmbean.ArrayType
import javax.management.openmbean.CompositeData
import javax.management.openmbean.CompositeDataSupport
import javax.management.openmbean.CompositeType
import javax.management.openmbean.OpenType
import javax.management.openmbean.SimpleType

/** A value that is told of an [S]. */
internal class Field<in S>(
    val name: String,
    val type: OpenType<*>,
    val description: String,
    val read: (S) -> Any?,
)

/** A kind of record of an [S] that is sent to other processes, which need no class of ours to read it. */
internal class RecordType<S>(
    name: String,
    description: String,
    private vararg val fields: Field<S>,
) {
    val type: CompositeType =
        CompositeType(
            name,
            description,
            fields.map { it.name }.toTypedArray(),
            fields.map { it.description }.toTypedArray(),
            fields.map { it.type }.toTypedArray(),
        )

    val arrayType: ArrayType<Array<CompositeData>> = ArrayType(1, type)

    fun of(source: S): CompositeData = CompositeDataSupport(type, fields.associate { it.name to it.read(source) })

    companion object {
        val TEXT: SimpleType<String> = SimpleType.STRING
        val LONG: SimpleType<Long> = SimpleType.LONG
        val INT: SimpleType<Int> = SimpleType.INTEGER
        val FLAG: SimpleType<Boolean> = SimpleType.BOOLEAN
        val TEXTS: ArrayType<Array<String>> = ArrayType(1, TEXT)
        val LONGS: ArrayType<LongArray> = ArrayType(LONG, true)
    }
}
