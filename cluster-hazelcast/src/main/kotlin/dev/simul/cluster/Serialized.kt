// SPDX-License-Identifier: Apache-2.0
package dev.simul.cluster

import java.io.ByteArrayInputStream
import java.io.ByteArrayOutputStream
import java.io.InputStream
import java.io.ObjectInputStream
import java.io.ObjectOutputStream
import java.io.ObjectStreamClass

/** Java's serialization, to and from bytes, so that what cannot be read fails where it is used, and not within Hazelcast. */
internal object Serialized {
    fun write(value: Any?): ByteArray {
        val bytes = ByteArrayOutputStream()
        ObjectOutputStream(bytes).use { it.writeObject(value) }
        return bytes.toByteArray()
    }

    fun read(
        bytes: ByteArray,
        loader: ClassLoader?,
    ): Any? = LoadingInput(ByteArrayInputStream(bytes), loader).use { it.readObject() }

    private class LoadingInput(
        input: InputStream,
        private val loader: ClassLoader?,
    ) : ObjectInputStream(input) {
        override fun resolveClass(description: ObjectStreamClass): Class<*> =
            try {
                Class.forName(description.name, false, loader)
            } catch (_: ClassNotFoundException) {
                super.resolveClass(description) // Primitive types, and what only this library's loader knows.
            }
    }
}
