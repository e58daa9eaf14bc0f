// SPDX-License-Identifier: Apache-2.0
package dev.simul.tools.inspect

import javax.management.openmbean.ArrayType
import javax.management.openmbean.CompositeData
import javax.management.openmbean.CompositeDataSupport
import javax.management.openmbean.CompositeType
import javax.management.openmbean.OpenType
import javax.management.openmbean.SimpleType

/** What a bean would return that has these [values]. */
internal fun composite(values: Map<String, Any>): CompositeData {
    val names = values.keys.toTypedArray()
    val types = values.values.map(::typeOf).toTypedArray()
    return CompositeDataSupport(CompositeType("a record", "a record", names, names, types), values)
}

private fun typeOf(value: Any): OpenType<*> =
    when (value) {
        is String -> SimpleType.STRING
        is Int -> SimpleType.INTEGER
        is Long -> SimpleType.LONG
        is Boolean -> SimpleType.BOOLEAN
        is LongArray -> ArrayType<LongArray>(SimpleType.LONG, true)
        is CompositeData -> value.compositeType
        is Array<*> -> ArrayType<Array<Any>>(1, typeOf(value.first()!!))
        else -> error("no type for $value")
    }
