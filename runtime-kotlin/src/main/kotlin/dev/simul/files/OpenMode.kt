// SPDX-License-Identifier: Apache-2.0
package dev.simul.files

import java.nio.file.OpenOption
import java.nio.file.StandardOpenOption.APPEND
import java.nio.file.StandardOpenOption.CREATE
import java.nio.file.StandardOpenOption.CREATE_NEW
import java.nio.file.StandardOpenOption.READ
import java.nio.file.StandardOpenOption.TRUNCATE_EXISTING
import java.nio.file.StandardOpenOption.WRITE

/** What a file is opened for, as options of NIO; [text] is what the caller wrote. */
internal class OpenMode(
    val text: String,
    given: Set<OpenOption>,
) {
    val options: Set<OpenOption> = if (given.none { it == READ || it == WRITE || it == APPEND }) given + READ else given

    val isReadable: Boolean get() = READ in options

    val isWritable: Boolean get() = WRITE in options || APPEND in options

    val appends: Boolean get() = APPEND in options

    override fun toString(): String = text

    companion object {
        private val MODES: Map<Set<Char>, Set<OpenOption>> =
            mapOf(
                setOf('r') to setOf(READ),
                setOf('w') to setOf(WRITE, CREATE, TRUNCATE_EXISTING),
                setOf('x') to setOf(WRITE, CREATE_NEW),
                setOf('a') to setOf(CREATE, APPEND),
                setOf('r', '+') to setOf(READ, WRITE),
                setOf('w', '+') to setOf(READ, WRITE, CREATE, TRUNCATE_EXISTING),
                setOf('x', '+') to setOf(READ, WRITE, CREATE_NEW),
            )

        /** The mode of a file of bytes: Python's, in which a `b` goes without saying. */
        fun ofBytes(mode: String): OpenMode {
            require('t' !in mode) { "mode is \"$mode\": this opens files of bytes, use openTextFile for text" }
            return OpenMode("mode \"$mode\"", optionsOf(mode, unsaid = 'b'))
        }

        fun ofText(mode: String): OpenMode {
            require('b' !in mode) { "mode is \"$mode\": this opens files of text, use openFile for bytes" }
            require('+' !in mode) { "mode is \"$mode\": text is either read or written, use openFile for both" }
            return OpenMode("mode \"$mode\"", optionsOf(mode, unsaid = 't'))
        }

        private fun optionsOf(
            mode: String,
            unsaid: Char,
        ): Set<OpenOption> {
            val letters = mode.toSet()
            require(letters - unsaid != setOf('a', '+')) { "mode is \"$mode\": the JDK does not both read and append, open the file twice" }
            val options = MODES[letters - unsaid].takeIf { letters.size == mode.length }
            return requireNotNull(options) { "mode is \"$mode\": it is r, w, x or a, perhaps with +, as in Python" }
        }
    }
}
