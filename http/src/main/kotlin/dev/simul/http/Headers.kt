// SPDX-License-Identifier: Apache-2.0
package dev.simul.http

import java.nio.ByteBuffer

/**
 * The header fields of a message, or its trailer fields: in the order in which they were sent, with names in any case.
 *
 * It holds the bytes of the message and where each field is in them, and makes a string only of what is asked for. Values are ISO 8859-1,
 * as they are in a message. Immutable.
 *
 * Source: `http.client.HTTPMessage`.
 */
public class Headers internal constructor(
    private val bytes: ByteArray,
    /** For each field, where its name and its value begin and end. */
    private val bounds: IntArray,
    /** How many fields there are. */
    public val size: Int,
) : Iterable<Header> {
    /** The name of the field at [index], as it was sent. */
    public fun name(index: Int): String = text(at(index, NAME), at(index, NAME_END))

    /** The value of the field at [index], without surrounding blanks. */
    public fun value(index: Int): String = text(at(index, VALUE), at(index, VALUE_END))

    private fun text(
        from: Int,
        to: Int,
    ) = String(bytes, from, to - from, Charsets.ISO_8859_1)

    private fun at(
        index: Int,
        what: Int,
    ) = bounds[index * BOUNDS + what]

    /** Whether the field at [index] has this name, in any case. */
    public fun isNamed(
        index: Int,
        name: String,
    ): Boolean = isText(at(index, NAME), at(index, NAME_END), name)

    private fun isText(
        from: Int,
        to: Int,
        text: String,
    ): Boolean {
        if (to - from != text.length) return false
        for (i in text.indices) {
            val ours = bytes[from + i].toInt() and 0xFF
            val theirs = text[i].code
            if (ours != theirs && Octets.lowercase(ours) != Octets.lowercase(theirs)) return false
        }
        return true
    }

    /** The index of the first field of this name from [from] on; -1 if there is none. */
    public fun indexOf(
        name: String,
        from: Int = 0,
    ): Int {
        for (i in from until size) if (isNamed(i, name)) return i
        return -1
    }

    /** The value of the first field of this name; null if there is none. */
    public operator fun get(name: String): String? = indexOf(name).let { if (it < 0) null else value(it) }

    /** The values of all fields of this name. */
    public fun getAll(name: String): List<String> = indices.filter { isNamed(it, name) }.map(::value)

    /** Whether there is a field of this name. */
    public operator fun contains(name: String): Boolean = indexOf(name) >= 0

    /** Whether a field of this name has [token] among the items of its list, in any case: `hasToken("Connection", "close")`. */
    public fun hasToken(
        name: String,
        token: String,
    ): Boolean {
        for (i in 0 until size) if (isNamed(i, name) && hasItem(i, token)) return true
        return false
    }

    private fun hasItem(
        index: Int,
        token: String,
    ): Boolean {
        val end = at(index, VALUE_END)
        var from = at(index, VALUE)
        while (from < end) {
            var comma = from
            while (comma < end && bytes[comma] != COMMA) comma++
            if (isText(skipBlanks(from, comma), trimBlanks(from, comma), token)) return true
            from = comma + 1
        }
        return false
    }

    private fun skipBlanks(
        from: Int,
        to: Int,
    ): Int {
        var i = from
        while (i < to && Octets.isBlank(bytes[i])) i++
        return i
    }

    private fun trimBlanks(
        from: Int,
        to: Int,
    ): Int {
        var i = to
        while (i > from && Octets.isBlank(bytes[i - 1])) i--
        return i
    }

    private val indices get() = 0 until size

    override fun iterator(): Iterator<Header> =
        object : Iterator<Header> {
            private var next = 0

            override fun hasNext() = next < size

            override fun next(): Header {
                if (!hasNext()) throw NoSuchElementException("there are $size fields")
                return Header(name(next), value(next)).also { next++ }
            }
        }

    /** A builder that begins with these fields. */
    public fun toBuilder(): Builder = Builder().also { for ((name, value) in this) it.add(name, value) }

    /** How many bytes [encodeTo] puts. */
    internal val encodedSize: Int get() =
        indices.sumOf {
            at(
                it,
                NAME_END,
            ) - at(it, NAME) + at(it, VALUE_END) - at(it, VALUE) + PUNCTUATION
        }

    /** Puts the fields as they are in a message, each with the end of its line. */
    internal fun encodeTo(destination: ByteBuffer) {
        for (i in 0 until size) {
            destination.put(bytes, at(i, NAME), at(i, NAME_END) - at(i, NAME))
            destination.put(Octets.COLON).put(Octets.SPACE)
            destination.put(bytes, at(i, VALUE), at(i, VALUE_END) - at(i, VALUE))
            destination.put(Octets.CR).put(Octets.LF)
        }
    }

    /** Whether [other] has the same fields in the same order, with names in any case. */
    override fun equals(other: Any?): Boolean =
        other is Headers && size == other.size && indices.all { isNamed(it, other.name(it)) && value(it) == other.value(it) }

    override fun hashCode(): Int = indices.fold(size) { hash, i -> 31 * hash + value(i).hashCode() }

    /** The names alone: values may be secrets. */
    override fun toString(): String = indices.joinToString(prefix = "<Headers ", postfix = ">") { name(it) }

    /**
     * Makes [Headers], and refuses fields that would break the message: names that are not tokens, and values with line ends, other control
     * characters, or characters beyond ISO 8859-1.
     */
    public class Builder {
        private val names = ArrayList<String>()
        private val values = ArrayList<String>()

        /** Adds a field after those that are there, and any of the same name stays. @throws IllegalArgumentException if it is malformed. */
        public fun add(
            name: String,
            value: String,
        ): Builder {
            requireName(name)
            requireValue(name, value)
            names += name
            values += value.trim { it == ' ' || it == '\t' }
            return this
        }

        /** Removes the fields of this name and adds one. @throws IllegalArgumentException if it is malformed. */
        public fun set(
            name: String,
            value: String,
        ): Builder = remove(name).add(name, value)

        /** Removes the fields of this name. */
        public fun remove(name: String): Builder {
            for (i in names.indices.reversed()) {
                if (!names[i].equals(name, ignoreCase = true)) continue
                names.removeAt(i)
                values.removeAt(i)
            }
            return this
        }

        /** The fields that were added so far. */
        public fun build(): Headers {
            val bytes = ByteArray(names.sumOf { it.length } + values.sumOf { it.length })
            val bounds = IntArray(names.size * BOUNDS)
            var end = 0
            for (i in names.indices) {
                bounds[i * BOUNDS + NAME] = end
                end = bytes.put(names[i], end)
                bounds[i * BOUNDS + NAME_END] = end
                bounds[i * BOUNDS + VALUE] = end
                end = bytes.put(values[i], end)
                bounds[i * BOUNDS + VALUE_END] = end
            }
            return Headers(bytes, bounds, names.size)
        }

        private fun ByteArray.put(
            text: String,
            at: Int,
        ): Int {
            for (i in text.indices) this[at + i] = text[i].code.toByte()
            return at + text.length
        }
    }

    public companion object {
        internal const val BOUNDS = 4
        internal const val NAME = 0
        internal const val NAME_END = 1
        internal const val VALUE = 2
        internal const val VALUE_END = 3

        /** A colon, a blank and the end of the line. */
        private const val PUNCTUATION = 4
        private const val COMMA: Byte = 44

        /** No fields. */
        @JvmField
        public val EMPTY: Headers = Headers(ByteArray(0), IntArray(0), 0)

        /** These fields, in this order. @throws IllegalArgumentException if one is malformed. */
        @JvmStatic
        public fun of(vararg fields: Pair<String, String>): Headers =
            Builder().also { for ((name, value) in fields) it.add(name, value) }.build()

        private fun requireName(name: String) =
            require(name.isNotEmpty() && name.all { it.code <= 0x7F && Octets.isToken(it.code) }) {
                "'${name.escaped()}' is not a name of a header: give a token, of letters, digits and a few signs"
            }

        private fun requireValue(
            name: String,
            value: String,
        ) {
            val wrong = value.indexOfFirst { it.code > 0xFF || !Octets.isValue(it.code) }
            require(wrong < 0) {
                "the value of $name has the character \\u%04x at %d: give printable characters of ISO 8859-1, in one line"
                    .format(value[wrong].code, wrong)
            }
        }
    }
}

/** A header field. */
@JvmRecord
public data class Header(
    val name: String,
    val value: String,
)

/** The text with its control characters made visible. */
internal fun String.escaped(): String =
    buildString {
        for (letter in this@escaped) if (letter in ' '..'~') append(letter) else append("\\u%04x".format(letter.code))
    }
