// SPDX-License-Identifier: Apache-2.0
package dev.simul.demo

import java.io.BufferedOutputStream
import java.io.FileDescriptor
import java.io.FileOutputStream
import java.io.FilterOutputStream
import java.io.IOException
import java.io.OutputStream
import java.io.PrintStream
import java.nio.charset.Charset

/**
 * What the demo prints, to stdout or stderr. In a locale that knows ASCII alone it is UTF-8, which contains that; the JVM would
 * print question marks there. And where nobody takes it, [failure] remembers why, which `PrintStream` would not.
 */
internal class StandardStream(
    descriptor: FileDescriptor,
    charset: Charset,
) {
    private val noting = Noting(FileOutputStream(descriptor))

    /** What to print to. */
    val stream = PrintStream(BufferedOutputStream(noting), true, charset)

    /** What has kept it from printing; null if nothing did. It does not count that the reader of a pipe has had enough. */
    fun failure(): IOException? {
        stream.flush()
        return noting.failure?.takeUnless { "Broken pipe" in it.message.orEmpty() }
    }

    private class Noting(
        out: OutputStream,
    ) : FilterOutputStream(out) {
        @Volatile
        var failure: IOException? = null

        override fun write(
            bytes: ByteArray,
            offset: Int,
            length: Int,
        ) {
            try {
                out.write(bytes, offset, length)
            } catch (e: IOException) {
                failure = failure ?: e
                throw e
            }
        }
    }

    companion object {
        /** The encoding of a stream that the JVM would take by the properties of these [names], the first that is there. */
        fun charset(vararg names: String): Charset {
            val native = names.firstNotNullOfOrNull { System.getProperty(it) }?.let { Charset.forName(it) } ?: Charset.defaultCharset()
            return if (native == Charsets.US_ASCII) Charsets.UTF_8 else native
        }
    }
}
