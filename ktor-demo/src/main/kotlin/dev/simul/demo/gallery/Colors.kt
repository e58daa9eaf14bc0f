// SPDX-License-Identifier: Apache-2.0
package dev.simul.demo.gallery

/** The colors in which programs print where somebody sees them: on a terminal. */
internal object Colors {
    private var areSeen = false

    /** Runs [program] with or without colors. */
    fun <R> use(
        areSeen: Boolean,
        program: () -> R,
    ): R {
        this.areSeen = areSeen
        try {
            return program()
        } finally {
            this.areSeen = false
        }
    }

    /** What [code] stands for on a terminal, such as `\u001b[36m`; nothing elsewhere. */
    @JvmStatic
    fun color(code: String): String = if (areSeen) code else ""
}
